package import Files
internal import SQLite

/// The documents of one Chroma collection, in the order in which the library first saw them.
///
/// The newest vectors are in the log of changes, and older ones in the saved files of a segment.
/// For each document only two numbers are in memory: its row, and the place of its vector.
package final class ChromaRows: LibraryRows {
  /// The place of a vector: the number of a saved element, or a row of the log as `-1 - seq_id`.
  typealias Place = Int64

  package let path: String
  package let dimensions: Int
  private let database: ChromaDatabase
  private let collection: ChromaCollection
  private let saved: SavedVectors?
  private let reader: ChromaDocuments
  /// The rows of the documents: a row of `embeddings`, or a document of `replay` as `-1 - index`.
  private var rows: [Int64] = []
  private var places: [Place] = []
  private var logVector: Statement

  package var count: Int { rows.count }

  /// Opens a collection, and finds the vector of each of its documents.
  package init(_ collection: ChromaCollection, of database: ChromaDatabase, in folder: Directory)
    throws(FileError)
  {
    if let problem = collection.problem {
      throw FileError(
        .rows, file: database.copy.path, place: "collection \(collection.fullName)",
        problem: problem,
        remedy: "open the folder with the version of Chroma that wrote it, and copy the collection "
          + "into one that Chroma keeps in this folder")
    }
    self.database = database
    self.collection = collection
    saved = try collection.vectorSegment.flatMap { segment throws(FileError) in
      try SavedVectors(in: folder, segment: segment)
    }
    path = saved?.data.path ?? database.copy.path
    let log = ChromaLog(database, collection)
    dimensions = try log.place(saved)
    reader = try ChromaDocuments(database, collection, log: log)
    logVector = try database.copy.reading {
      try $0.prepare("SELECT vector FROM embeddings_queue WHERE seq_id = ?1")
    }
    try join()
    if collection.space == .cosine { try chooseOriginals() }
    try checkUnchanged()
  }

  package func document(at position: Int) throws(FileError) -> LibraryDocument {
    try reader.document(rows[position])
  }

  package func readVectors(
    _ range: Range<Int>, into vectors: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    for (index, position) in range.enumerated() {
      let part = UnsafeMutableBufferPointer(
        rebasing: vectors[index * dimensions..<(index + 1) * dimensions])
      try read(places[position], into: part)
    }
  }

  package func isRebuilt(at position: Int) -> Bool {
    collection.space == .cosine && places[position] >= 0
  }

  package func checkUnchanged() throws(FileError) {
    try database.copy.checkUnchanged()
    try saved?.checkUnchanged()
  }

  private func read(_ place: Place, into vector: UnsafeMutableBufferPointer<Float>)
    throws(FileError)
  {
    if place < 0 { return try readLog(-1 - place, into: vector) }
    guard let saved else { return }
    try saved.read(Int(place), into: vector)
    if collection.space == .cosine { try saved.scale(Int(place), vector) }
  }

  private func readLog(_ change: Int64, into vector: UnsafeMutableBufferPointer<Float>)
    throws(FileError)
  {
    let isWhole = try database.copy.reading { _ in
      try logVector.bind([.integer(change)])
      defer { logVector.reset() }
      guard try logVector.step() else { return false }
      return try logVector.withBlob(0) { bytes in
        guard bytes.count == vector.count * 4 else { return false }
        UnsafeMutableRawBufferPointer(vector).copyMemory(from: bytes)
        return true
      }
    }
    guard isWhole else {
      throw FileError(
        .vectorData, file: database.copy.path, place: "embeddings_queue, row \(change)",
        problem: "the vector is missing or has another length",
        remedy: "restore the file from a copy")
    }
  }
}

// Documents and vectors are found separately, and must have the same ids.
extension ChromaRows {
  private func join() throws(FileError) {
    guard let segment = collection.metadataSegment else { return }
    var missing: [String] = []
    var missed = 0
    try database.copy.reading { database in
      var statement = try database.prepare(ChromaQueries.documents)
      try statement.forEachRow([.text(segment)]) { row in
        let number = try row.int64(0)
        guard number >= 0 else {
          throw FileError(
            .rows, file: path, place: "embeddings",
            problem: "the row has the number \(number), which Chroma never gives",
            remedy: "open the folder with Chroma, and copy the collection into a new folder")
        }
        if reader.isReplaced(number) { return }
        guard let place = try row.optionalInteger(1) else {
          missed += 1
          if missing.count < 5 { missing.append(try row.text(3)) }
          return
        }
        rows.append(number)
        places.append(Int64(place))
      }
      for (row, id) in reader.replayed {
        let sql = "SELECT place FROM temp.places WHERE id = ?1"
        guard let place = try database.first(sql, [.text(id)], { try $0.int64(0) }) else {
          missed += 1
          if missing.count < 5 { missing.append(id) }
          continue
        }
        rows.append(row)
        places.append(place)
      }
    }
    if missed > 0 {
      throw refusal(
        "\(missed == 1 ? "a document has" : "\(missed) documents have") no vector",
        missing, missed,
        "add the vectors with the library (collection.update), or delete these documents")
    }
    try refuseStrayVectors(segment)
  }

  private func refuseStrayVectors(_ segment: String) throws(FileError) {
    let known = Set(reader.replayed.map { Array($0.id.utf8) })
    let stray = try database.copy.reading { database in
      try database.rows(ChromaQueries.strayVectors, [.text(segment)]) { try $0.text(0) }
    }.filter { !known.contains(Array($0.utf8)) }
    guard stray.isEmpty else {
      throw refusal(
        "vectors have no document", Array(stray.prefix(5)), stray.count,
        "delete these ids with the library (collection.delete)")
    }
  }

  private func refusal(_ problem: String, _ ids: [String], _ count: Int, _ remedy: String)
    -> FileError
  {
    let names = ids.map { ShownText.of($0) }.joined(separator: ", ")
    return FileError(
      .pairing, file: database.copy.path, place: "collection \(collection.fullName)",
      problem: problem + ": \(names)" + (count > ids.count ? " and more" : ""), remedy: remedy)
  }
}

// A folder of the measure cosine holds unit vectors. The log may still have what was given.
extension ChromaRows {
  /// Takes vectors from the log where it still has what was given.
  private func chooseOriginals() throws(FileError) {
    let given = try originals()
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2 * dimensions)
    memory.initialize(repeating: 0)
    defer { memory.deallocate() }
    let product = UnsafeMutableBufferPointer(rebasing: memory[..<dimensions])
    let original = UnsafeMutableBufferPointer(rebasing: memory[dimensions...])
    for position in places.indices where places[position] >= 0 {
      guard let change = given[places[position]] else { continue }
      try read(places[position], into: product)
      try readLog(change, into: original)
      if Self.isOriginal(original, of: product) { places[position] = -1 - change }
    }
  }

  /// Reads for each saved element the change of the log that may hold what was given.
  private func originals() throws(FileError) -> [Place: Int64] {
    try database.copy.reading { database in
      var found: [Place: Int64] = [:]
      let sql = "SELECT place, original FROM temp.places WHERE place >= 0 AND original IS NOT NULL"
      var statement = try database.prepare(sql)
      try statement.forEachRow { row in found[try row.int64(0)] = try row.int64(1) }
      return found
    }
  }

  /// Returns true where two vectors differ by no more than rounding.
  private static func isOriginal(
    _ given: UnsafeMutableBufferPointer<Float>, of product: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var length = 0.0
    var largest = 0.0
    for (one, other) in zip(given, product) {
      length += Double(one) * Double(one)
      largest = max(largest, abs(Double(one) - Double(other)))
    }
    return largest <= 1e-5 * length.squareRoot()
  }
}
