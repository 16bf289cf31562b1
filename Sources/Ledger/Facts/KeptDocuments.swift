/// Rows that stay as somebody else left them: all of them counted, the first hundred named.
package struct KeptDocuments: Sendable, Equatable {
  /// How many there are.
  package private(set) var count = 0
  /// The ids of the first of them.
  package private(set) var first: [String] = []

  package static let limit = 100

  package init() {}

  package mutating func add(_ id: String) {
    count += 1
    if first.count < Self.limit { first.append(id) }
  }

  /// The first ids on one line.
  package var summary: String {
    first.prefix(5).joined(separator: ", ") + (count > 5 ? ", …" : "")
  }
}
