/// A table that a statement names as its target, and the place of that name in the file.
package struct StatementTarget: Equatable {
  /// The table's name as SQL writes it, with its schema if it has one.
  package let name: String
  /// The position of the name in the file.
  package let position: SourcePosition
}

extension SQLStatement {
  /// The tables that the statement, by its text, writes to, creates, changes or drops.
  ///
  /// Strings are not read, so that tables in the body of a function or of DO are not found.
  package var targets: [StatementTarget] {
    var found: [StatementTarget] = []
    if let start = definitionStart { found += list(at: start) }
    for index in words.indices {
      guard let start = writingStart(at: index), let name = qualifiedName(at: start)?.name else {
        continue
      }
      found.append(target(name, at: start))
    }
    return found
  }

  private func target(_ name: String, at index: Int) -> StatementTarget {
    StatementTarget(name: name, position: position(ofCharacter: words[index].offset + 1))
  }

  /// Reads names with commas between them, from the word at `start` on.
  private func list(at start: Int) -> [StatementTarget] {
    var found: [StatementTarget] = []
    var start = start
    while let (name, end) = qualifiedName(at: skipping("ONLY", at: start)) {
      found.append(target(name, at: skipping("ONLY", at: start)))
      guard end < words.count, words[end].text == "," else { break }
      start = end + 1
    }
    return found
  }

  private func skipping(_ word: String, at index: Int) -> Int {
    words.dropFirst(index).first?.isWord(word) == true ? index + 1 : index
  }

  /// The position of the first table in a statement that begins with the word of its action: CREATE
  /// TABLE, ALTER TABLE, DROP TABLE, TRUNCATE, COPY and CREATE TRIGGER; nil for other statements.
  private var definitionStart: Int? {
    if begins(with: "DROP", "TABLE") {
      return words.dropFirst(2).first?.isWord("IF") == true ? 4 : 2
    }
    if begins(with: "ALTER", "TABLE") { return alteredTableStart }
    if begins(with: "TRUNCATE") { return skipping("TABLE", at: 1) }
    if begins(with: "COPY"), contains("FROM") { return 1 }
    guard begins(with: "CREATE") else { return nil }
    if words.prefix(5).contains(where: { $0.isWord("TRIGGER") }) {
      return index(of: "ON").map { $0 + 1 }
    }
    guard createdTable != nil, let table = index(of: "TABLE") else { return nil }
    return words.dropFirst(table + 1).first?.isWord("IF") == true ? table + 4 : table + 1
  }

  /// The position of the table's name where INSERT INTO, MERGE INTO, DELETE FROM or UPDATE begins
  /// with the word at `index`; nil where none of them does.
  private func writingStart(at index: Int) -> Int? {
    let next = words.dropFirst(index + 1).first
    if words[index].isWord("INSERT") || words[index].isWord("MERGE") {
      return next?.isWord("INTO") == true ? skipping("ONLY", at: index + 2) : nil
    }
    if words[index].isWord("DELETE") {
      return next?.isWord("FROM") == true ? skipping("ONLY", at: index + 2) : nil
    }
    guard words[index].isWord("UPDATE") else { return nil }
    // Elsewhere the word belongs to FOR UPDATE, ON UPDATE, DO UPDATE or to a trigger's events.
    let isFirst = index == 0 || ["(", ")"].contains(words[index - 1].text)
    return isFirst ? skipping("ONLY", at: index + 1) : nil
  }
}
