internal import OwnSchema
internal import SQLText
internal import Postgres

/// The position that a `setval` would give to a sequence.
struct SequenceSetting: Equatable {
  /// The number of the sequence in the catalogue.
  let sequence: Int
  let value: Int
  /// True where the sequence gives the number after `value` next; false where it gives `value`.
  let isUsed: Bool

  /// Finds the positions that a statement would give to sequences.
  ///
  /// The statement is executed with another function in place of `setval`, which records its
  /// arguments, because no rollback would undo the real `setval`.
  static func read(of statement: SQLStatement, on connection: Connection) throws(PostgresError)
    -> [SequenceSetting]
  {
    try connection.execute(script: "SAVEPOINT vector_ferry_setval")
    try connection.execute(script: recorder)
    try connection.execute(script: SQL(script: statement.textWithRecorder))
    let text: String? = try connection.scalar(
      "SELECT current_setting('vector_ferry.settings', true)")
    try connection.execute(
      script: "ROLLBACK TO SAVEPOINT vector_ferry_setval; RELEASE SAVEPOINT vector_ferry_setval")
    return (text ?? "").split(separator: ";").compactMap { entry in
      let parts = entry.split(separator: " ")
      guard parts.count == 3, let sequence = Int(parts[0]), let value = Int(parts[1]) else {
        return nil
      }
      return SequenceSetting(sequence: sequence, value: value, isUsed: parts[2] == "true")
    }
  }

  private static let recorder =
    FerryFiles.file("vector_ferry_setval", in: FerryFiles.objects).script()
}

extension SQLStatement {
  /// The statement's text, in which another function takes the place of `setval`.
  fileprivate var textWithRecorder: String {
    var scalars = Array(text.unicodeScalars)
    let path = "pg_catalog"
    for index in words.indices.reversed() where words[index].isWord("SETVAL") {
      var start = words[index].offset
      let end = start + "setval".count
      if index >= 2, words[index - 1].text == ".", words[index - 2].name == path {
        start = words[index - 2].offset
      }
      scalars.replaceSubrange(start..<end, with: "pg_temp.vector_ferry_setval".unicodeScalars)
    }
    var changed = String.UnicodeScalarView()
    changed.append(contentsOf: scalars)
    return String(changed)
  }
}
