// Written by Scripts/embed-sets.py from Sources/Search/SQL/chunk_search.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of chunk_search.sql.
enum ChunkSearchQueries {
  /// Finds the chunks that are like a stored chunk, which itself is left out.
  static func like(
    columns: SQL,
    search: QualifiedName,
    table: QualifiedName,
    id: Int,
    threshold: Double,
    fetched: Int,
    limit: Int
  ) -> SQL {
#"""
SELECT \#(columns) FROM \#(search)(
  (SELECT embedding FROM \#(table) WHERE id OPERATOR(pg_catalog.=) \#(id)),
  \#(threshold), \#(fetched)::pg_catalog.int4) r
WHERE (r OPERATOR(pg_catalog.->>) 'embedding_id'::pg_catalog.text)::pg_catalog.int8
  OPERATOR(pg_catalog.<>) \#(id) LIMIT \#(limit)
"""#
  }
}
