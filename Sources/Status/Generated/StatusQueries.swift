// Written by Scripts/embed-sets.py from Sources/Status/SQL/status.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of status.sql.
enum StatusQueries {
  /// Reads the ledger's entries.
  static func entries(shownTime: SQL, milliseconds: SQL, recall: SQL, ranked: SQL) -> SQL {
#"""
SELECT user_id, collection_name, array_to_string(parse_ident(table_name), '.'), run_id::text,
       documents, \#(shownTime),
       \#(milliseconds), \#(recall), \#(ranked)
FROM vector_ferry.stores
"""#
  }

  /// Counts the listed rows of each store that still exist in a table.
  static func counts(rows: SQL, table: Literal) -> SQL {
#"""
SELECT s.user_id, s.collection_name, count(*) FROM vector_ferry.stores s
JOIN vector_ferry.documents d ON d.store_id = s.id
JOIN \#(rows) t ON t.id = d.document_id AND t.user_id = s.user_id
  AND t.collection_name = s.collection_name
WHERE array_to_string(parse_ident(s.table_name), '.') = \#(table)
"""#
  }
}
