internal import Ledger
package import Digests
package import Postgres
package import Layouts
package import Stores

/// New vectors for rows that are already in the table, collected first and then written at once.
package struct RewrittenVectors {
  private let connection: Connection
  private let table: VectorTable

  private static let gathered = QualifiedName(schema: "pg_temp", "vector_ferry_rewritten")

  /// Creates the temporary table that collects the vectors until the transaction ends.
  package init(connection: Connection, table: VectorTable) throws {
    self.connection = connection
    self.table = table
    try connection.query("DROP TABLE IF EXISTS \(Self.gathered)")
    try connection.query(
      """
      CREATE TEMPORARY TABLE vector_ferry_rewritten ON COMMIT DROP AS
      SELECT id, embedding, NULL::bytea AS reduced_digest FROM \(table.rows) WITH NO DATA
      """)
  }

  /// Adds new vectors with the ids of their documents.
  ///
  /// - Parameter haveOriginals: true where these documents have originals that belong to their
  ///   present vectors, and so to the new ones. An original that belongs to an earlier vector must
  ///   not become valid again.
  package func add(_ vectors: [(id: UUIDValue, vector: [Float])], haveOriginals: Bool) throws {
    var digests = try ReducedDigest()
    try connection.copyIn(Self.gathered, columns: ["id", "embedding", "reduced_digest"]) { writer in
      for (id, vector) in vectors {
        try writer.beginRow()
        writer.bytes(id.bytes)
        try vector.withUnsafeBufferPointer { vector in
          writer.vector(vector)
          if haveOriginals { writer.bytes(try digests.digest(of: vector)) } else { writer.null() }
        }
      }
    }
  }

  /// Writes the vectors into the table, and updates the digests of kept originals, so that these
  /// still belong to their documents.
  package func apply(name: StoreName, store: Int) throws {
    try connection.asApplication {
      try connection.query(
        """
        UPDATE \(table.name) t SET \(table.layout.vector) = n.embedding FROM \(Self.gathered) n
        WHERE \(table.row.key) OPERATOR(pg_catalog.=) n.id
          AND \(table.row.isOf(name))
        """)
    }
    guard try OriginalsTable.exists(on: connection) else { return }
    try connection.query(
      """
      UPDATE vector_ferry.originals o SET reduced_digest = n.reduced_digest
      FROM \(Self.gathered) n WHERE o.store_id = \(store) AND o.document_id = n.id
        AND n.reduced_digest IS NOT NULL
      """)
  }
}
