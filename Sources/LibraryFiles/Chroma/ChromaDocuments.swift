internal import Files
internal import SQLite

/// The ids, texts and metadata of a collection.
///
/// The tables of documents are level with the log, except where Chroma could not read a change:
/// Chroma stopped at that change, and the changes after it are read from the log.
final class ChromaDocuments {
  /// The key under which the text is stored.
  static let textKey = "chroma:document"

  private let copy: SQLiteCopy
  private let replay: ChromaReplay
  private var ids: Statement
  private var facts: Statement
  private var elements: Statement

  init(
    _ database: ChromaDatabase, _ collection: ChromaCollection, log: ChromaLog
  ) throws(FileError) {
    copy = database.copy
    let hasFlags = database.has("bool_value", in: "embedding_metadata")
    let values = "string_value, int_value, float_value, \(hasFlags ? "bool_value" : "NULL")"
    let hasLists = database.has("bool_value", in: "embedding_metadata_array")
    let copy = copy
    ids = try copy.reading {
      try $0.prepare("SELECT embedding_id FROM embeddings WHERE id = ?1")
    }
    facts = try copy.reading {
      try $0.prepare("SELECT key, \(values) FROM embedding_metadata WHERE id = ?1 ORDER BY rowid")
    }
    elements = try copy.reading {
      try $0.prepare(
        hasLists
          ? "SELECT key, \(values) FROM embedding_metadata_array WHERE id = ?1 ORDER BY rowid"
          : "SELECT '', NULL, NULL, NULL, NULL WHERE ?1 IS NULL")
    }
    replay = ChromaReplay(copy.path)
    try applyChanges(collection, log)
  }

  /// Returns true where the log has changed or deleted the document of a row.
  func isReplaced(_ row: Int64) -> Bool { replay.replacedRows.contains(row) }

  /// The documents that the log has changed, and their numbers in place of rows.
  var replayed: [(row: Int64, id: String)] { replay.documents }

  /// Reads the document of a row of `embeddings`, or of a number in `replayed`.
  func document(_ row: Int64) throws(FileError) -> LibraryDocument {
    if row < 0 { return replay.document(row) }
    return try copy.reading { _ in
      try ids.bind([.integer(row)])
      defer { ids.reset() }
      guard try ids.step() else { throw refusal(row, "is missing") }
      var text: String?
      var members = MetadataText()
      try readFacts(row, &text, &members)
      try readLists(row, &members)
      if members.hasInfinity { throw refusal(row, "has an infinite number in its metadata") }
      let hasNaN = members.hasNaN
      return LibraryDocument(
        id: try ids.text(0), text: text, metadata: members.finished(), hasNaN: hasNaN)
    }
  }

  private func readFacts(
    _ row: Int64, _ text: inout String?, _ members: inout MetadataText
  ) throws {
    try facts.bind([.integer(row)])
    defer { facts.reset() }
    while try facts.step() {
      let key = try facts.text(0)
      if key == Self.textKey {
        text = try facts.optionalText(1)
      } else {
        members.begin(key)
        try Self.append(facts, to: &members)
      }
    }
  }

  /// Reads the values that are lists: each of their elements is a row.
  private func readLists(_ row: Int64, _ members: inout MetadataText) throws {
    try elements.bind([.integer(row)])
    defer { elements.reset() }
    var keys: [[UInt8]] = []
    var lists: [MetadataText] = []
    while try elements.step() {
      let key = Array(try elements.text(0).utf8)
      let place = keys.firstIndex(of: key) ?? keys.count
      if place == keys.count {
        keys.append(key)
        lists.append(MetadataText(list: ()))
      }
      lists[place].beginElement()
      try Self.append(elements, to: &lists[place])
    }
    for (key, list) in zip(keys, lists) {
      members.begin(String(decoding: key, as: UTF8.self))
      members.append(list: list)
    }
  }

  /// Appends the value of a row: the first of its columns that is not null; NaN where all are.
  private static func append(
    _ row: borrowing Statement, to members: inout MetadataText
  ) throws {
    if !row.isNull(1) {
      members.append(try row.text(1))
    } else if !row.isNull(2) {
      members.append(try row.int64(2))
    } else if !row.isNull(3) {
      members.append(try row.real(3))
    } else if !row.isNull(4) {
      members.append(try row.int64(4) != 0)
    } else {
      members.append(Double.nan)
    }
  }

  private func refusal(_ row: Int64, _ problem: String) -> FileError {
    FileError(
      .rows, file: copy.path, place: "embeddings, row \(row)",
      problem: "the document \(problem)",
      remedy: "change the document with the library that wrote the file")
  }
}

extension ChromaDocuments {
  /// Applies the changes that are later than the tables.
  private func applyChanges(
    _ collection: ChromaCollection, _ log: ChromaLog
  ) throws(FileError) {
    guard let segment = collection.metadataSegment else { return }
    try copy.reading { database in
      let last = try log.lastChange(of: segment) ?? -1
      var statement = try database.prepare(ChromaQueries.laterChanges)
      try statement.forEachRow([.text(log.topic), .integer(last)]) { change in
        let id = try change.text(2)
        if !replay.knows(id) { try replay.note(id, try tableDocument(id, segment)) }
        try replay.apply(
          number: try change.int64(0), operation: try change.int64(1), id: id,
          metadata: try change.optionalText(3))
      }
    }
  }

  /// Finds the document of an id as it is in the tables; nil where there is none.
  private func tableDocument(
    _ id: String, _ segment: String
  ) throws -> (row: Int64, document: LibraryDocument)? {
    let sql = "SELECT id FROM embeddings WHERE segment_id = ?1 AND embedding_id = ?2"
    let row = try copy.database.first(sql, [.text(segment), .text(id)]) { try $0.int64(0) }
    return try row.map { ($0, try document($0)) }
  }
}
