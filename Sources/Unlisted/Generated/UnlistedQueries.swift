// Written by Scripts/embed-sets.py from Sources/Unlisted/SQL/unlisted.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of unlisted.sql.
enum UnlistedQueries {
  /// Reads the next rows of a collection that the ledger does not list and that are recorded
  /// neither as alongside the store nor as adopted.
  static func addedRows(
    original: SQL,
    rows: SQL,
    join: SQL,
    user: Literal,
    collection: Literal,
    store: Int,
    pairs: SQL,
    position: SQL,
    limit: Int
  ) -> SQL {
#"""
SELECT t.id, t.embedding, \#(original) FROM \#(rows) t \#(join)
WHERE t.user_id = \#(user) AND t.collection_name = \#(collection)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.documents d
    WHERE d.store_id = \#(number: store) AND d.document_id = t.id)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.alongside b
    WHERE b.store_id = \#(number: store) AND b.document_id = t.id)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.adoptions a
    WHERE a.store_id = \#(number: store) AND a.document_id = t.id) \#(pairs) \#(position)
ORDER BY t.id LIMIT \#(number: limit)
"""#
  }

  /// Collects the documents that the ledger lists for a store, by their own ids.
  static func noteListed(store: Int?) -> SQL {
#"""
INSERT INTO pg_temp.vector_ferry_listed (id)
SELECT coalesce(a.own_id, d.document_id) FROM vector_ferry.documents d
LEFT JOIN vector_ferry.adoptions a
  ON a.store_id = d.store_id AND a.document_id = d.document_id
WHERE d.store_id = \#(store)
"""#
  }

  /// Reads the rows of a collection that the ledger does not list or that were adopted, with the
  /// digests of their texts.
  static func rows(rows: SQL, adopted: SQL, documents: SQL, ownRows: SQL) -> SQL {
#"""
SELECT t.id, sha256(convert_to(t.text, 'UTF8')), a.own_id FROM \#(rows) t
LEFT JOIN (\#(adopted)) a ON a.document_id = t.id
LEFT JOIN (\#(documents)) d ON d.document_id = t.id
WHERE \#(ownRows) AND (d.document_id IS NULL OR a.own_id IS NOT NULL)
"""#
  }

  /// Reads the own ids of the ledger's documents whose rows exist, and the digests of the rows'
  /// texts.
  static func listedDocuments(documents: SQL, rows: SQL, adopted: SQL, ownRows: SQL) -> SQL {
#"""
SELECT coalesce(a.own_id, d.document_id), sha256(convert_to(t.text, 'UTF8'))
FROM (\#(documents)) d
JOIN \#(rows) t ON t.id = d.document_id
LEFT JOIN (\#(adopted)) a ON a.document_id = d.document_id
WHERE \#(ownRows)
"""#
  }

  /// Counts the unlisted rows that have the text of a listed row, and those of them that are not
  /// recorded as alongside the store.
  static func doubles(rows: SQL, store: Int, ownRows: SQL, documents: SQL) -> SQL {
#"""
SELECT count(*), count(*) FILTER (WHERE b.document_id IS NULL) FROM \#(rows) t
LEFT JOIN vector_ferry.alongside b ON b.store_id = \#(store) AND b.document_id = t.id
WHERE \#(ownRows) AND NOT EXISTS (SELECT FROM (\#(documents)) d WHERE d.document_id = t.id)
  AND sha256(convert_to(t.text, 'UTF8')) IN (
    SELECT sha256(convert_to(l.text, 'UTF8'))
    FROM (\#(documents)) d JOIN \#(rows) l ON l.id = d.document_id)
"""#
  }

  /// Checks whether an unlisted row has the text and metadata of a listed row that was not adopted.
  static func hasDoubles(rows: SQL, ownRows: SQL, documents: SQL, adopted: SQL) -> SQL {
#"""
WITH unlisted AS (
  SELECT sha256(convert_to(t.text, 'UTF8')) AS digest, t.metadata FROM \#(rows) t
  WHERE \#(ownRows) AND NOT EXISTS (
    SELECT FROM (\#(documents)) d WHERE d.document_id = t.id)
), own AS (
  SELECT sha256(convert_to(t.text, 'UTF8')) AS digest, t.metadata
  FROM (\#(documents)) d JOIN \#(rows) t ON t.id = d.document_id
  WHERE \#(ownRows) AND EXISTS (SELECT FROM unlisted)
    AND NOT EXISTS (SELECT FROM (\#(adopted)) a WHERE a.document_id = t.id)
)
SELECT EXISTS (SELECT FROM unlisted JOIN own USING (digest, metadata))
"""#
  }
}
