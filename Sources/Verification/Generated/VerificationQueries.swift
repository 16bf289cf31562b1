// Written by Scripts/embed-sets.py from Sources/Verification/SQL/verification.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of verification.sql.
enum VerificationQueries {
  /// Reads the rows of some documents of a store, with the ledger's entries for these documents.
  static func documents(
    ids: Literal,
    store: Int,
    rows: SQL,
    original: SQL,
    join: SQL,
    user: Literal,
    collection: Literal
  ) -> SQL {
#"""
SELECT u.own_id, u.id, u.is_adopted, d.fingerprint, d.has_timestamp, t.id, t.text,
       t.metadata, t.created_at, t.embedding\#(original)
FROM (
  SELECT w.id AS own_id, coalesce(a.document_id, w.id) AS id,
         a.document_id IS NOT NULL AS is_adopted
  FROM unnest(\#(ids)::uuid[]) w(id)
  LEFT JOIN vector_ferry.adoptions a
    ON a.store_id = \#(number: store) AND a.own_id = w.id
) u
LEFT JOIN vector_ferry.documents d
  ON d.store_id = \#(number: store) AND d.document_id = u.id
LEFT JOIN \#(rows) t
  ON t.id = u.id AND t.user_id = \#(user)
  AND t.collection_name = \#(collection)
\#(join)
"""#
  }

  /// Lists the rows of a store that the ledger lists, with their documents' own ids.
  static func listedRows(rows: SQL, user: Literal, collection: Literal, store: Int) -> SQL {
#"""
SELECT d.document_id, coalesce(a.own_id, d.document_id)
FROM vector_ferry.documents d JOIN \#(rows) t
  ON t.id = d.document_id AND t.user_id = \#(user)
  AND t.collection_name = \#(collection)
LEFT JOIN vector_ferry.adoptions a
  ON a.store_id = d.store_id AND a.document_id = d.document_id
WHERE d.store_id = \#(number: store)
"""#
  }
}
