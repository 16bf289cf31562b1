internal import Files
internal import SQLite

/// The log of a collection's changes, from which the places of its vectors are found.
struct ChromaLog {
  private enum Operation: Int64 {
    case add = 0
    case update, upsert, delete
  }

  private let database: ChromaDatabase
  private let collection: ChromaCollection

  init(_ database: ChromaDatabase, _ collection: ChromaCollection) {
    self.database = database
    self.collection = collection
  }

  /// The end of the topic of the collection's changes.
  var topic: String { "/\(collection.id)" }

  /// Fills the table `places` with the place of each vector, and returns the dimensions.
  func place(_ saved: SavedVectors?) throws(FileError) -> Int {
    try database.copy.reading { database in
      try database.execute(
        "CREATE TEMP TABLE places (id TEXT PRIMARY KEY, place INTEGER, original INTEGER)")
      return try database.withTransaction(.deferred) {
        var bytes = saved.map { $0.header.dimensions * 4 }
        let last = try saved.map { try lastSaved($0) } ?? -1
        if let saved {
          try placeSaved(saved)
          if collection.space == .cosine { try noteOriginals(until: last, bytes: bytes) }
        }
        try replay(after: last, &bytes)
        return (bytes ?? 0) / 4
      }
    }
  }

  /// Reads the number of the last change that a segment contains; nil where it is not noted.
  func lastChange(of segment: String) throws -> Int64? {
    let sql = "SELECT seq_id FROM max_seq_id WHERE segment_id = ?1"
    guard let value = try database.copy.database.first(sql, [.text(segment)], { try $0.value(0) })
    else { return nil }
    switch value {
    case .null: return nil
    case .integer(let number): return number
    // Up to Chroma 0.6 the number is written as bytes, the most significant byte first.
    case .blob(let bytes) where bytes.count == 8:
      return Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    default: throw refusal("table max_seq_id", "a number has a form that is not known")
    }
  }

  private func lastSaved(_ saved: SavedVectors) throws -> Int64 {
    let noted = try collection.vectorSegment.flatMap { try lastChange(of: $0) }
    let last = noted ?? saved.lastChange ?? -1
    guard last >= -1 else { throw refusal("table max_seq_id", "a number is negative") }
    return last
  }

  private func placeSaved(_ saved: SavedVectors) throws {
    var insert = try database.copy.database.prepare(
      "INSERT OR ABORT INTO temp.places (id, place) VALUES (?1, ?2)")
    try saved.forEachDocument { id, element in
      try insert.run([.text(id), .integer(Int64(element))])
    }
  }

  /// Notes the changes whose vectors were given for the saved ones.
  ///
  /// A log from which old changes were removed may begin with an add that had no effect; the caller
  /// compares the numbers.
  private func noteOriginals(until last: Int64, bytes: Int?) throws {
    let first = "UPDATE temp.places SET original = ?2 WHERE id = ?1 AND original IS NULL"
    var add = try database.copy.database.prepare(first)
    var set = try database.copy.database.prepare(
      "UPDATE temp.places SET original = ?2 WHERE id = ?1")
    try forEachChange(after: -1, until: last) { change in
      switch change.operation {
      case .delete: try set.run([.text(change.id), .null])
      case _ where change.bytes != bytes: break
      case .add: try add.run([.text(change.id), .integer(change.number)])
      case .update, .upsert: try set.run([.text(change.id), .integer(change.number)])
      }
    }
  }

  private func replay(after last: Int64, _ bytes: inout Int?) throws {
    let connection = database.copy.database
    var add = try connection.prepare(
      "INSERT OR IGNORE INTO temp.places (id, place) VALUES (?1, ?2)")
    var update = try connection.prepare("UPDATE temp.places SET place = ?2 WHERE id = ?1")
    var upsert = try connection.prepare(
      "INSERT OR REPLACE INTO temp.places (id, place) VALUES (?1, ?2)")
    var delete = try connection.prepare("DELETE FROM temp.places WHERE id = ?1")
    try forEachChange(after: last, until: .max) { change in
      guard change.operation != .delete else { return try delete.run([.text(change.id)]) }
      guard let length = change.bytes else { return }
      try check(length, of: change, &bytes)
      let values: [Value] = [.text(change.id), .integer(-1 - change.number)]
      switch change.operation {
      case .add: try add.run(values)
      case .update: try update.run(values)
      case .upsert, .delete: try upsert.run(values)
      }
    }
  }

  private func check(_ length: Int, of change: Change, _ bytes: inout Int?) throws {
    let expected = bytes ?? length
    guard length == expected, length > 0, length.isMultiple(of: 4) else {
      throw FileError(
        .widths, file: database.copy.path, place: "embeddings_queue, row \(change.number)",
        problem: "the vector has \(length) bytes, the one before it \(expected)",
        remedy: "restore the file from a copy")
    }
    bytes = expected
  }
}

extension ChromaLog {
  private struct Change {
    let number: Int64
    let operation: Operation
    let id: String
    /// The number of bytes of the vector; nil for a change without vector.
    let bytes: Int?
  }

  private func forEachChange(
    after first: Int64, until last: Int64, _ body: (Change) throws -> Void
  ) throws {
    var statement = try database.copy.database.prepare(ChromaQueries.changes)
    let values: [Value] = [.text(topic), .integer(first), .integer(last)]
    try statement.forEachRow(values) { row in
      let number = try row.int64(0)
      guard let operation = Operation(rawValue: try row.int64(1)) else {
        throw refusal("embeddings_queue, row \(number)", "the kind of change is not known")
      }
      let bytes = try row.optionalInteger(3)
      if bytes != nil, try row.optionalText(4) != "FLOAT32" {
        throw refusal("embeddings_queue, row \(number)", "the vector is not in FLOAT32")
      }
      try body(Change(number: number, operation: operation, id: try row.text(2), bytes: bytes))
    }
  }

  private func refusal(_ place: String, _ problem: String) -> FileError {
    FileError(
      .rows, file: database.copy.path, place: place, problem: problem,
      remedy: "restore the file from a copy, or open it with the version of Chroma that wrote it")
  }
}
