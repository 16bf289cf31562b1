/// The facts about a build, which are recorded in the comment of the index: the comment is renamed
/// and dropped together with the index.
package struct BuildNote: Sendable, Equatable {
  /// The number of rows in the table when the build was planned.
  package var rows: Int
  /// The seconds that the build took.
  package var seconds: Double
  /// The time when the build ended, in UTC.
  package var moment: String
  /// The number of rows in the graph when the graph no longer fitted into memory; nil where it
  /// fitted until the end.
  package var memoryLasted: Int?
  /// The number of the index's file; REINDEX gives the index another file, but keeps the comment.
  package var file: Int?

  private static let mark = "vector-ferry:"

  /// Creates the facts about a build.
  package init(
    rows: Int, seconds: Double, moment: String, memoryLasted: Int? = nil, file: Int? = nil
  ) {
    self.rows = rows
    self.seconds = seconds
    self.moment = moment
    self.memoryLasted = memoryLasted
    self.file = file
  }

  /// Reads the facts about a build from a comment; nil for a comment of another form.
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

  /// The text of the comment that contains these facts.
  package var comment: String {
    let tenths = Int((seconds * 10).rounded())
    var text = "\(Self.mark) rows=\(rows) seconds=\(tenths / 10).\(tenths % 10) built=\(moment)"
    if let memoryLasted { text += " memory_lasted=\(memoryLasted)" }
    if let file { text += " file=\(file)" }
    return text
  }

  /// Returns true where these facts are about the index with this file; also where they name no
  /// file.
  func describes(_ file: Int?) -> Bool { self.file == nil || self.file == file }
}
