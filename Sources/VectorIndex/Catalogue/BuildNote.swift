/// The facts that are recorded about a build in the index's own comment, which is renamed and
/// dropped with the index.
package struct BuildNote: Sendable, Equatable {
  /// How many rows the table had when the build ended.
  package var rows: Int
  /// How many seconds the build took.
  package var seconds: Double
  /// The time in UTC when the build ended.
  package var moment: String
  /// How many rows the graph had when it no longer fitted into memory; nil where it always fitted.
  package var memoryLasted: Int?
  /// The number of the index's file: a rebuild keeps the comment, but not the file.
  package var file: Int?

  private static let mark = "vector-ferry:"

  /// Creates a note from its parts.
  package init(
    rows: Int, seconds: Double, moment: String, memoryLasted: Int? = nil, file: Int? = nil
  ) {
    self.rows = rows
    self.seconds = seconds
    self.moment = moment
    self.memoryLasted = memoryLasted
    self.file = file
  }

  /// Reads a note from a comment; nil for a comment of another form.
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

  /// The comment that holds the note.
  package var comment: String {
    let tenths = Int((seconds * 10).rounded())
    var text = "\(Self.mark) rows=\(rows) seconds=\(tenths / 10).\(tenths % 10) built=\(moment)"
    if let memoryLasted { text += " memory_lasted=\(memoryLasted)" }
    if let file { text += " file=\(file)" }
    return text
  }

  /// Returns whether the note was made for the index with this file; true where the note names no
  /// file.
  func describes(_ file: Int?) -> Bool { self.file == nil || self.file == file }
}
