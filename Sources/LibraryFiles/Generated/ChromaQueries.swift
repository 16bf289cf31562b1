// Written by Scripts/embed-sets.py from Sources/LibraryFiles/SQL/chroma.sql; do not edit.
// swift-format-ignore-file

/// The SQL of chroma.sql.
enum ChromaQueries {
  /// Lists the collections; `database` and `tenant` are expressions for names that old files lack, and
  /// `databases` is the join that these names need.
  static func collections(
    database: String,
    tenant: String,
    configuration: String,
    schema: String,
    databases: String
  ) -> String {
#"""
SELECT c.id, c.name, c.dimension, \#(database), \#(tenant), \#(configuration), \#(schema)
FROM collections c \#(databases)
ORDER BY c.id
"""#
  }

  /// Joins the documents of a METADATA segment (?1) with the places of their vectors.
  static let documents: String = #"""
SELECT e.id, p.place, p.original, CASE WHEN p.place IS NULL THEN e.embedding_id END
FROM main.embeddings e LEFT JOIN temp.places p ON p.id = e.embedding_id
WHERE e.segment_id = ?1
ORDER BY e.id
"""#

  /// Lists ids that have a vector and no document in a METADATA segment (?1).
  static let strayVectors: String = #"""
SELECT p.id FROM temp.places p
WHERE NOT EXISTS (
  SELECT 1 FROM main.embeddings e WHERE e.segment_id = ?1 AND e.embedding_id = p.id)
ORDER BY p.id LIMIT 6
"""#

  /// Reads the changes of a collection (?1, its id after a slash) after a number of the log (?2).
  static let changes: String = #"""
SELECT seq_id, operation, id, length(CAST(vector AS BLOB)), encoding
FROM main.embeddings_queue
WHERE substr(topic, -length(?1)) = ?1 AND seq_id > ?2 AND seq_id <= ?3
ORDER BY seq_id
"""#

  /// Reads the metadata in the changes of a collection (?1) after a number of the log (?2).
  static let laterChanges: String = #"""
SELECT seq_id, operation, id, metadata
FROM main.embeddings_queue
WHERE substr(topic, -length(?1)) = ?1 AND seq_id > ?2
ORDER BY seq_id
"""#
}
