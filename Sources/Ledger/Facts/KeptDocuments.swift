/// The rows that stay as another program or person left them: all are counted, and the ids of the
/// first hundred are kept.
package struct KeptDocuments: Sendable, Equatable {
  /// The number of rows that stay as they are.
  package private(set) var count = 0
  /// The ids of the first rows, up to `limit`.
  package private(set) var first: [String] = []

  package static let limit = 100

  package init() {}

  package mutating func add(_ id: String) {
    count += 1
    if first.count < Self.limit { first.append(id) }
  }

  /// The first five ids on one line.
  package var summary: String {
    first.prefix(5).joined(separator: ", ") + (count > 5 ? ", …" : "")
  }
}
