package import Files
internal import Pickle
internal import SQLite

/// The points of one collection of Qdrant's local mode: a table in which each row is a pickle.
///
/// For each point only the number of its row is in memory.
package final class QdrantRows: LibraryRows {
  /// The only class whose objects the pickles may have.
  private static let classes: Set<String> = ["qdrant_client.http.models.models.PointStruct"]
  /// The names under which a payload may have the text.
  private static let textNames = ["text", "page_content", "content", "document"]

  package let path: String
  package private(set) var dimensions = 0
  package var count: Int { rows.count }
  private let copy: SQLiteCopy
  private let pickle: PickledObjects
  private var rows: [Int64] = []
  private var statement: Statement

  /// The name of the table's file in the folder of a collection.
  package static let fileName = "storage.sqlite"

  /// Opens the table in a collection's folder, and reads every point once.
  package convenience init(in folder: Directory) throws(FileError) {
    try self.init(opening: folder)
    try findRows()
  }

  private init(opening folder: Directory) throws(FileError) {
    let copy = try SQLiteCopy(of: Self.fileName, in: folder)
    self.copy = copy
    path = copy.path
    pickle = PickledObjects(path: copy.path)
    let isTable = try copy.reading { try $0.columns(ofTable: "points")?.contains("point") ?? false }
    guard isTable else {
      throw FileError(
        .rows, file: copy.path, problem: "there is no table of points, so the file is not Qdrant's",
        remedy: "restore the file from a copy, or move it away")
    }
    statement = try copy.reading {
      try $0.prepare("SELECT point FROM points WHERE rowid = ?1")
    }
  }

  /// Counts the points and reads the dimensions of the first, for listings.
  package static func look(in folder: Directory) throws(FileError) -> (count: Int, dimensions: Int?)
  {
    let rows = try QdrantRows(opening: folder)
    let (count, first) = try rows.copy.reading { database in
      let sql = "SELECT count(*), min(rowid) FROM points"
      return try database.first(sql, []) { (try $0.integer(0), try $0.optionalInteger(1)) }
        ?? (0, nil)
    }
    guard let first else { return (count, nil) }
    let row = Int64(first)
    return (count, try rows.vector(of: rows.point(row), row).count)
  }

  package func document(at position: Int) throws(FileError) -> LibraryDocument {
    let row = rows[position]
    let point = try point(row)
    var metadata = MetadataText()
    var text: String?
    if case .dictionary(let pairs)? = point["payload"] {
      let content = Self.content(of: pairs)
      text = content.text
      if let problem = metadata.appendMembers(content.members, without: content.left) {
        throw pickle.refusal(
          "the payload has \(problem), which JSON does not have", place: "points, row \(row)")
      }
    }
    if metadata.hasInfinity {
      throw pickle.refusal("the payload has an infinite number", place: "points, row \(row)")
    }
    return LibraryDocument(
      id: try id(of: point, row), text: text, metadata: metadata.finished(),
      hasNaN: metadata.hasNaN)
  }

  package func readVectors(
    _ range: Range<Int>, into vectors: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    for (index, position) in range.enumerated() {
      let numbers = try vector(of: point(rows[position]), rows[position])
      for (place, number) in numbers.enumerated() {
        vectors[index * dimensions + place] = number
      }
    }
  }

  package func checkUnchanged() throws(FileError) { try copy.checkUnchanged() }
}

// The rows that count: a point that was written again has a later row, or its own row changed.
extension QdrantRows {
  private func findRows() throws(FileError) {
    let all = try copy.reading {
      try $0.rows("SELECT rowid FROM points ORDER BY rowid") { try $0.int64(0) }
    }
    var latest: [[UInt8]: Int64] = [:]
    for row in all {
      let point = try point(row)
      let width = try vector(of: point, row).count
      if dimensions == 0 { dimensions = width }
      guard width == dimensions else {
        throw FileError(
          .widths, file: path, place: "points, row \(row)",
          problem: "has \(width) dimensions, the first row has \(dimensions)",
          remedy: "embed the store's texts with one model, or split the collection")
      }
      latest[Array(try id(of: point, row).utf8)] = row
    }
    rows = latest.values.sorted()
    try checkUnchanged()
  }

  private func point(_ row: Int64) throws(FileError) -> PickleValue {
    let place = "points, row \(row)"
    let bytes = try copy.reading { _ in
      try statement.bind([.integer(row)])
      defer { statement.reset() }
      return try statement.step() ? try statement.blob(0) : []
    }
    let value = try pickle.value(PickleBytes(bytes), classes: Self.classes, place: place)
    guard let point = PickledObjects.attributes(of: value, Self.classes) else {
      throw pickle.refusal("is no point of Qdrant", place: place)
    }
    return point
  }

  private func id(of point: PickleValue, _ row: Int64) throws(FileError) -> String {
    switch point["id"] {
    case .some(.int(let number)): return "\(number)"
    case .some(.string(let text)): return text
    default: throw pickle.refusal("has no id", place: "points, row \(row)")
    }
  }

  /// Returns the numbers of a point, which must have exactly one dense vector.
  private func vector(of point: PickleValue, _ row: Int64) throws(FileError) -> [Float] {
    var found = point["vector"]
    if case .some(.dictionary(let pairs)) = found {
      guard pairs.count == 1 else {
        throw FileError(
          .vectorData, file: path, place: "points, row \(row)",
          problem: pairs.isEmpty
            ? "the point has no vector" : "the point has \(pairs.count) vectors with names",
          remedy: "copy the points with the vector that is wanted into a collection of one vector")
      }
      found = pairs[0].value
    }
    guard case .some(.list(let elements)) = found, !elements.isEmpty else {
      throw refusalOfVector(row)
    }
    var numbers: [Float] = []
    numbers.reserveCapacity(elements.count)
    for element in elements {
      switch element {
      case .float(let number): numbers.append(Float(number))
      case .int(let number): numbers.append(Float(number))
      default: throw refusalOfVector(row)
      }
    }
    return numbers
  }

  private func refusalOfVector(_ row: Int64) -> FileError {
    FileError(
      .vectorData, file: path, place: "points, row \(row)",
      problem: "the point does not have a dense vector (sparse vectors and several vectors of one "
        + "point are not read)",
      remedy: "copy the points into a collection of one dense vector")
  }

  /// Returns the text of a payload and the members of its metadata; LangChain keeps both under
  /// names of their own.
  private static func content(of payload: [PickleValue.Pair]) -> (
    text: String?, members: [PickleValue.Pair], left: Set<String>
  ) {
    let value = PickleValue.dictionary(payload)
    for name in textNames {
      guard case .some(.string(let text)) = value[name] else { continue }
      if name == "page_content", payload.count <= 2, payload.count == 1 || value["metadata"] != nil
      {
        switch value["metadata"] {
        case .some(.dictionary(let inner)): return (text, inner, [])
        case nil, .some(.none): return (text, [], [])
        default: break
        }
      }
      return (text, payload, [name])
    }
    return (nil, payload, [])
  }
}
