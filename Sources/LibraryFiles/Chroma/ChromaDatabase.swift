package import Files
internal import JSON
internal import SQLite

/// The copy of a folder's `chroma.sqlite3`, which names the folder's collections.
///
/// Versions of Chroma add and remove columns, so a column is asked for only where it exists.
package final class ChromaDatabase {
  /// The name of the database in a Chroma folder.
  package static let fileName = "chroma.sqlite3"
  static let metadataType = "urn:chroma:segment/metadata/sqlite"
  static let vectorType = "urn:chroma:segment/vector/hnsw-local-persisted"

  let copy: SQLiteCopy
  /// The columns of each table that is read.
  private let columns: [String: Set<String>]

  /// Copies and opens the database of a folder.
  package init(in folder: Directory) throws(FileError) {
    copy = try SQLiteCopy(of: Self.fileName, in: folder)
    let path = copy.path
    columns = try copy.reading { database in
      var columns: [String: Set<String>] = [:]
      for (table, needed) in Self.needed {
        let found = try database.columns(ofTable: table)
        let missing = needed.subtracting(found ?? []).sorted()
        guard missing.isEmpty else {
          throw FileError(
            .rows, file: path, place: "table \(table)",
            problem: found == nil
              ? "this table is missing, so the file is not Chroma's"
              : "the column \(missing[0]) is missing, so the file is not Chroma's",
            remedy: "restore the file from a copy, or move it away")
        }
        columns[table] = found
      }
      for table in Self.optional { columns[table] = try database.columns(ofTable: table) }
      return columns
    }
  }

  private static let needed: [String: Set<String>] = [
    "collections": ["id", "name", "dimension"], "segments": ["id", "type", "scope", "collection"],
    "embeddings": ["id", "segment_id", "embedding_id", "seq_id"],
    "embedding_metadata": ["id", "key", "string_value", "int_value", "float_value"],
    "embeddings_queue": [
      "seq_id", "operation", "topic", "id", "vector", "encoding", "metadata",
    ],
    "max_seq_id": ["segment_id", "seq_id"],
  ]
  private static let optional = [
    "databases", "segment_metadata", "collection_metadata", "embedding_metadata_array",
  ]

  /// Returns true where a table has a column.
  func has(_ column: String, in table: String) -> Bool {
    columns[table]?.contains(column) ?? false
  }

  /// Lists all collections.
  package func collections() throws(FileError) -> [ChromaCollection] {
    let hasDatabases = has("database_id", in: "collections") && has("tenant_id", in: "databases")
    let sql = ChromaQueries.collections(
      database: hasDatabases ? "d.name" : "NULL", tenant: hasDatabases ? "d.tenant_id" : "NULL",
      configuration: has("config_json_str", in: "collections") ? "c.config_json_str" : "NULL",
      schema: has("schema_str", in: "collections") ? "c.schema_str" : "NULL",
      databases: hasDatabases ? "LEFT JOIN databases d ON d.id = c.database_id" : "")
    return try copy.reading { database in
      var statement = try database.prepare(sql)
      var found: [ChromaCollection] = []
      while try statement.step() {
        let id = try statement.text(0)
        let segments = try self.segments(of: id)
        found.append(
          ChromaCollection(
            id: id, name: try statement.text(1),
            database: try statement.optionalText(3) ?? ChromaCollection.usualDatabase,
            tenant: try statement.optionalText(4) ?? ChromaCollection.usualTenant,
            dimension: try statement.optionalInteger(2),
            space: try space(
              of: id, segments.vector, configuration: statement.optionalText(5),
              schema: statement.optionalText(6)),
            metadataSegment: segments.metadata, vectorSegment: segments.vector,
            count: try count(of: segments.metadata), problem: segments.problem))
      }
      return found
    }
  }

  private func count(of segment: String?) throws -> Int {
    guard let segment else { return 0 }
    let sql = "SELECT count(*) FROM embeddings WHERE segment_id = ?1"
    return try copy.database.first(sql, [.text(segment)]) { try $0.integer(0) } ?? 0
  }

  /// Finds the two segments of a collection; both are nil where it has none at all.
  private func segments(of collection: String) throws
    -> (metadata: String?, vector: String?, problem: String?)
  {
    let rows = try copy.database.rows(
      "SELECT id, type, scope FROM segments WHERE collection = ?1 ORDER BY id", [.text(collection)]
    ) { (id: try $0.text(0), type: try $0.text(1), scope: try $0.text(2)) }
    if rows.isEmpty { return (nil, nil, nil) }
    let metadata = rows.filter { $0.scope == "METADATA" }
    let vector = rows.filter { $0.scope == "VECTOR" }
    guard metadata.count == 1, vector.count == 1 else {
      return (nil, nil, "the collection does not have one segment of metadata and one of vectors")
    }
    for (row, type) in [(metadata[0], Self.metadataType), (vector[0], Self.vectorType)]
    where row.type != type {
      return (nil, nil, "a segment of the type \(row.type) is not known")
    }
    guard Self.isUUID(vector[0].id) else {
      return (nil, nil, "the id of the segment with the vectors is not a UUID")
    }
    return (metadata[0].id, vector[0].id, nil)
  }

  /// Returns true for the form of a UUID, which cannot lead out of a folder.
  package static func isUUID(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 36
      && bytes.indices.allSatisfy { index in
        [8, 13, 18, 23].contains(index)
          ? bytes[index] == UInt8(ascii: "-")
          : Character(UnicodeScalar(bytes[index])).isHexDigit
      }
  }

  /// Finds the measure of a collection; each version of Chroma has written it to another place.
  private func space(
    of collection: String, _ segment: String?, configuration: String?, schema: String?
  ) throws -> ChromaCollection.Space {
    let schema = try schema.map { try parsed($0, "schema_str") }
    let configuration = try configuration.map { try parsed($0, "config_json_str") }
    let index = schema?["keys"]?["#embedding"]?["float_list"]?["vector_index"]
    let found =
      try index?["config"]?["space"]?.stringValue
      ?? configuration?["vector_index"]?["hnsw"]?["space"]?.stringValue
      ?? noted("segment_metadata", "segment_id", segment)
      ?? noted("collection_metadata", "collection_id", collection)
    switch found {
    case "cosine": return .cosine
    case nil, "l2", "ip": return .plain
    case .some:
      throw FileError(
        .rows, file: copy.path, place: "collection \(collection)",
        problem: "its measure of distance is not known",
        remedy: "only l2, ip and cosine can be read")
    }
  }

  private func noted(_ table: String, _ column: String, _ owner: String?) throws -> String? {
    guard let owner, has("str_value", in: table), has(column, in: table), has("key", in: table)
    else { return nil }
    let sql = "SELECT str_value FROM \(table) WHERE \(column) = ?1 AND key = 'hnsw:space'"
    return try copy.database.first(sql, [.text(owner)]) { try $0.optionalText(0) } ?? nil
  }

  private func parsed(_ text: String, _ column: String) throws(FileError) -> JSONValue {
    guard let value = JSONValue(parsing: Array(text.utf8)) else {
      throw FileError(
        .rows, file: copy.path, place: "table collections",
        problem: "the column \(column) is not valid JSON",
        remedy: "restore the file from a copy")
    }
    return value
  }
}
