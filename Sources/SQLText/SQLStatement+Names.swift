/// The parts of a CREATE INDEX statement.
package struct IndexCreation: Equatable {
  /// The name of the index; nil where the server chooses the name.
  let name: String?
  package let table: String
  package let isUnique: Bool
  package let isConcurrent: Bool
  let method: String
  /// The text after the table's name, as written: method, columns, predicate.
  package let tail: String
}

extension SQLStatement {
  /// Reads a name such as `name` or `schema.name` from the word at `start`; nil where there is no
  /// name.
  ///
  /// - Returns: the name as SQL writes it, and the position of the word after it.
  package func qualifiedName(at start: Int) -> (name: String, end: Int)? {
    guard start < words.count, words[start].isName else { return nil }
    var name = written(words[start])
    var end = start + 1
    while end + 1 < words.count, words[end].text == ".", words[end + 1].isName {
      name += "." + written(words[end + 1])
      end += 2
    }
    return (name, end)
  }

  /// Returns a name in a form that has the same meaning everywhere in SQL.
  private func written(_ word: SQLWord) -> String {
    guard word.kind == .quotedName else { return word.text.inSmallLetters }
    // Few functions of the server understand the form U&"…".
    return word.text.hasPrefix("\"") ? word.text : "\"\(word.name.replacing("\"", with: "\"\""))\""
  }

  /// The position of the word, in an ALTER TABLE statement, that begins the table's name.
  package var alteredTableStart: Int {
    var start = 2
    if words.dropFirst(start).first?.isWord("IF") == true { start += 2 }
    if words.dropFirst(start).first?.isWord("ONLY") == true { start += 1 }
    return start
  }

  /// The parts of a CREATE INDEX; nil for any other statement.
  package var indexCreation: IndexCreation? {
    guard begins(with: "CREATE", "INDEX") || begins(with: "CREATE", "UNIQUE", "INDEX") else {
      return nil
    }
    var start = words[1].isWord("UNIQUE") ? 3 : 2
    let isConcurrent = words.dropFirst(start).first?.isWord("CONCURRENTLY") == true
    if isConcurrent { start += 1 }
    if words.dropFirst(start).first?.isWord("IF") == true { start += 3 }
    guard let on = index(of: "ON", from: start) else { return nil }
    let name = on > start ? qualifiedName(at: start)?.name : nil
    var tableStart = on + 1
    if words.dropFirst(tableStart).first?.isWord("ONLY") == true { tableStart += 1 }
    guard let (table, end) = qualifiedName(at: tableStart) else { return nil }
    var method = "btree"
    if end + 1 < words.count, words[end].isWord("USING") { method = words[end + 1].name }
    let tail = text.unicodeScalars.dropFirst(end < words.count ? words[end].offset : .max)
    return IndexCreation(
      name: name, table: table, isUnique: words[1].isWord("UNIQUE"), isConcurrent: isConcurrent,
      method: method, tail: String(tail))
  }

  /// The name of the table that a CREATE TABLE creates; nil for any other statement.
  package var createdTable: String? {
    guard begins(with: "CREATE"), let place = index(of: "TABLE"), place <= 3 else { return nil }
    guard
      words[1..<place].allSatisfy({
        ["UNLOGGED", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL"].contains($0.text)
      })
    else { return nil }
    var start = place + 1
    if words.dropFirst(start).first?.isWord("IF") == true { start += 3 }
    return qualifiedName(at: start)?.name
  }

  /// True for `COPY … FROM stdin`; the server reads `FROM stdout` in the same way.
  package var copiesIn: Bool {
    guard begins(with: "COPY") else { return false }
    return contains("FROM", "STDIN") || contains("FROM", "STDOUT")
  }

  /// True for `COPY … TO STDOUT`; the server reads `TO stdin` in the same way.
  package var copiesOut: Bool {
    guard begins(with: "COPY") else { return false }
    return contains("TO", "STDOUT") || contains("TO", "STDIN")
  }
}
