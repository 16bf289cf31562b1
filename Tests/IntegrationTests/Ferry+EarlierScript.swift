import Foundation
import Postgres
import Layouts
import TestSupport

extension Ferry {
  /// Makes the application's table as it is before the first run of this program.
  func makeDocumentsTable(dimensions: Int, name: String = "vector_documents") throws {
    let session = try database.connect()
    try session.query("CREATE EXTENSION IF NOT EXISTS vector")
    try VectorTable(name: QualifiedName(schema: "public", Identifier(name)), dimensions: dimensions)
      .create(on: session, vectorSchema: "public")
  }

  /// Writes documents as the earlier Python script did: with random ids, the texts and metadata of
  /// the store, and vectors that are centred and turned into another basis, as by scikit-learn's
  /// PCA.
  func writeAsEarlierScript(
    user: String = "ann", collection: String = "notes", rows: [[Double]], texts: [String],
    metadata: String = "{}", dimensions: Int, table: String = "vector_documents"
  ) throws {
    let session = try database.connect()
    try session.query("BEGIN")
    for (text, vector) in zip(texts, Self.centred(rows, dimensions: dimensions)) {
      try session.query(
        """
        INSERT INTO \(Identifier(table)) (user_id, collection_name, text, embedding, metadata)
        VALUES (\(user), \(collection), \(text), \(VectorValue(vector))::vector, \(metadata)::jsonb)
        """)
    }
    try session.query("COMMIT")
  }

  /// Returns the rows without their mean, in an orthonormal basis of the space that these rows
  /// span.
  static func centred(_ rows: [[Double]], dimensions: Int) -> [[Float]] {
    let count = Double(max(1, rows.count))
    let mean = (rows.first ?? []).indices.map { column in
      rows.reduce(0) { $0 + $1[column] } / count
    }
    let centred = rows.map { row in zip(row, mean).map { $0 - $1 } }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    var basis: [[Double]] = []
    for row in centred where basis.count < dimensions {
      var rest = row
      for axis in basis {
        let share = dot(rest, axis)
        rest = zip(rest, axis).map { $0 - share * $1 }
      }
      let length = dot(rest, rest).squareRoot()
      if length > 1e-9 { basis.append(rest.map { $0 / length }) }
    }
    return centred.map { row in
      let values = basis.map { Float(dot(row, $0)) }
      return values + [Float](repeating: 0, count: dimensions - values.count)
    }
  }

  /// Runs the program with a list of words.
  func run(words: [String]) throws -> ProcessOutcome {
    try TestSupport.run(
      Self.binary, Self.words(words), environment: Self.clean(database.url, [:]),
      directory: folder.path)
  }

  /// Returns all columns of each row except `updated_at`, bit for bit.
  func rowsBitForBit(where condition: String = "true") throws -> [String] {
    let rows = try database.connect().query(
      SQL(
        script: """
          SELECT concat_ws('|', id, user_id, collection_name, text, metadata, created_at,
                           encode(vector_send(embedding), 'hex'))
          FROM vector_documents WHERE \(condition) ORDER BY id
          """))
    return try (0..<rows.rowCount).map { try rows.value($0, 0) }
  }

  /// Returns the entry of a user's store in the output of `migrate --json` or `verify --json`.
  static func store(_ outcome: ProcessOutcome, user: String = "ann") throws -> [String: Any] {
    let stores = try json(outcome)["stores"] as? [[String: Any]] ?? []
    return stores.first { $0["user"] as? String == user } ?? [:]
  }
}
