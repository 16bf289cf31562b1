/// What is remembered about a build, in the index's own comment: the comment goes where the index
/// goes, and dies with it.
package struct BuildNote: Sendable, Equatable {
  /// Rows of the table when the build ended.
  package var rows: Int
  /// How long it took.
  package var seconds: Double
  /// When it ended, in UTC.
  package var moment: String
  /// After so many rows the graph did not fit into memory any more; nil where it did.
  package var memoryLasted: Int?
  /// The file of the index: whoever builds it anew keeps the comment, but not the file.
  package var file: Int?

  private static let mark = "vector-ferry:"

  /// What happened.
  package init(
    rows: Int, seconds: Double, moment: String, memoryLasted: Int? = nil, file: Int? = nil
  ) {
    self.rows = rows
    self.seconds = seconds
    self.moment = moment
    self.memoryLasted = memoryLasted
    self.file = file
  }

  /// Reads a comment; nil for one that somebody else has written.
  package init?(comment: String) {
    let words = comment.split(separator: " ")
    guard words.first.map(String.init) == Self.mark else { return nil }
    var values: [Substring: Substring] = [:]
    for word in words.dropFirst() {
      let pair = word.split(separator: "=", maxSplits: 1)
      if pair.count == 2 { values[pair[0]] = pair[1] }
    }
    guard let rows = values["rows"].flatMap({ Int($0) }) else { return nil }
    self.rows = rows
    seconds = values["seconds"].flatMap { Double($0) } ?? 0
    moment = values["built"].map(String.init) ?? ""
    memoryLasted = values["memory_lasted"].flatMap { Int($0) }
    file = values["file"].flatMap { Int($0) }
  }

  /// The comment.
  package var comment: String {
    let tenths = Int((seconds * 10).rounded())
    var text = "\(Self.mark) rows=\(rows) seconds=\(tenths / 10).\(tenths % 10) built=\(moment)"
    if let memoryLasted { text += " memory_lasted=\(memoryLasted)" }
    if let file { text += " file=\(file)" }
    return text
  }

  /// True where the index with this file is the one that was built then.
  func tells(of file: Int?) -> Bool { self.file == nil || self.file == file }
}
