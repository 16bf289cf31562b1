// Written by Scripts/embed-sets.py from Sources/Migration/SQL/store_load.sql; do not edit.
// swift-format-ignore-file

internal import Digests
internal import Postgres

/// The SQL of store_load.sql.
enum StoreLoadQueries {
  /// Counts the rows of a collection, and checks whether any has an id of version 5, the version of
  /// documents' ids; also reads the time of the transaction.
  static func collection(rows: SQL, user: String, collection: String) -> SQL {
#"""
SELECT count(*), coalesce(bool_or(get_byte(uuid_send(t.id), 6) >> 4 = 5), false), now()
FROM \#(rows) t
WHERE t.user_id = \#(user) AND t.collection_name = \#(collection)
"""#
  }

  /// Counts the rows that this transaction has written: rows of other collections, and rows of the
  /// given collection.
  static func recentRows(user: String, collection: String, rows: SQL) -> SQL {
#"""
SELECT count(*) FILTER (WHERE NOT is_own), count(*) FILTER (WHERE is_own)
FROM (
  SELECT user_id = \#(user) AND collection_name = \#(collection) AS is_own
  FROM \#(rows) t
  WHERE (t.xmin::text::int8 - (SELECT txid_current()) & 4294967295) < 16777216
) t
"""#
  }

  /// Collects the rows that the ledger lists for a store, except rows that the store has adopted.
  static func noteOwnRows(rows: SQL, store: Int?, user: String, collection: String) -> SQL {
#"""
INSERT INTO pg_temp.vector_ferry_own (id)
SELECT d.document_id FROM vector_ferry.documents d JOIN \#(rows) t ON t.id = d.document_id
WHERE d.store_id = \#(store)
  AND t.user_id = \#(user) AND t.collection_name = \#(collection)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.adoptions a
    WHERE a.store_id = d.store_id AND a.document_id = d.document_id)
"""#
  }

  /// Collects the rows that have a document's id, but belong to another document.
  static func noteOtherRows(
    rows: SQL,
    user: String,
    collection: String,
    mayReplace: SQL,
    pairs: SQL,
    isOther: SQL
  ) -> SQL {
#"""
INSERT INTO pg_temp.vector_ferry_gone (id, is_other)
SELECT t.id, true FROM pg_temp.vector_ferry_wanted w JOIN \#(rows) t ON t.id = w.id
WHERE t.user_id = \#(user) AND t.collection_name = \#(collection)
  AND \#(mayReplace) \#(pairs) AND \#(isOther)
"""#
  }

  /// Lists the foreign keys to a table that are checked at the end of a transaction.
  static func deferredKeys(table: String) -> SQL {
#"""
SELECT DISTINCT n.nspname::text, c.conname::text
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.contype = 'f' AND c.condeferred
  AND c.confrelid = \#(table)::regclass
"""#
  }

  /// Puts a store into the ledger, or updates the store's entry; with keepsRun, an existing entry
  /// keeps the run that it names.
  static func register(
    table: String,
    user: String,
    collection: String,
    run: UUIDValue,
    path: String,
    digest: ByteString,
    settings: String,
    sourceDimensions: Int,
    dimensions: Int,
    keepsOriginals: Bool,
    keepsRun: Bool
  ) -> SQL {
#"""
INSERT INTO vector_ferry.stores AS s
  (table_name, user_id, collection_name, run_id, source_path, source_digest, settings,
   documents, source_dimensions, dimensions, content_digest, state, keeps_original)
VALUES
  (\#(table), \#(user), \#(collection),
   \#(run), \#(path), \#(digest), \#(settings),
   0, \#(sourceDimensions), \#(dimensions), ''::bytea, 'migrated', \#(keepsOriginals))
ON CONFLICT (user_id, collection_name, table_name) DO UPDATE SET
  (source_path, source_digest, settings, source_dimensions, dimensions, keeps_original) =
  (excluded.source_path, excluded.source_digest, excluded.settings,
   excluded.source_dimensions, excluded.dimensions, excluded.keeps_original),
  run_id = CASE WHEN \#(keepsRun) THEN s.run_id ELSE excluded.run_id END,
  migrated_at = CASE WHEN \#(keepsRun) THEN s.migrated_at ELSE now() END,
  projection_id = NULL, recall = NULL, score_change = NULL,
  queries = NULL, cut_recall = NULL, added_recall = NULL, doubled_recall = NULL, reranked_recall = NULL
RETURNING id
"""#
  }

  /// Records the model that reduced a store's vectors, and what was measured with this model.
  static func noteModel(
    model: Int,
    recall: Double,
    scoreChange: Double,
    queries: Int,
    cutRecall: Double?,
    addedRecall: Double?,
    doubledRecall: Double?,
    rerankedRecall: Double?,
    store: Int
  ) -> SQL {
#"""
UPDATE vector_ferry.stores
SET projection_id = \#(model), recall = \#(recall),
    score_change = \#(scoreChange), queries = \#(queries),
    cut_recall = \#(cutRecall), added_recall = \#(addedRecall),
    doubled_recall = \#(doubledRecall), reranked_recall = \#(rerankedRecall)
WHERE id = \#(store)
"""#
  }

  /// Records the earlier state of a store that is replaced.
  static func noteReplacement(
    store: Int,
    run: UUIDValue,
    digest: ByteString,
    settings: String,
    documents: Int
  ) -> SQL {
#"""
INSERT INTO vector_ferry.replacements (store_id, run_id, source_digest, settings, documents)
VALUES (\#(store), \#(run), \#(digest), \#(settings), \#(documents))
ON CONFLICT (store_id) DO UPDATE SET
  (run_id, source_digest, settings, documents) =
  (excluded.run_id, excluded.source_digest, excluded.settings, excluded.documents)
"""#
  }

  /// Reads the rows that the ledger lists for a store, except rows that the store has adopted, with
  /// the digests of their texts.
  static func listedRows(documents: SQL, rows: SQL, ownRows: SQL, adopted: SQL) -> SQL {
#"""
SELECT t.id, sha256(convert_to(t.text, 'UTF8'))
FROM (\#(documents)) d JOIN \#(rows) t ON t.id = d.document_id
WHERE \#(ownRows)
  AND NOT EXISTS (SELECT FROM (\#(adopted)) a WHERE a.document_id = t.id)
"""#
  }

  /// Sets aside the originals of documents that the application has added to a store.
  static func takeAddedOriginals(
    rows: SQL,
    user: Literal,
    collection: Literal,
    store: Int,
    dimensions: Int,
    vector: Identifier
  ) -> SQL {
#"""
CREATE TEMPORARY TABLE vector_ferry_added_originals ON COMMIT DROP AS
SELECT o.document_id, o.embedding, o.reduced_digest
FROM vector_ferry.originals o JOIN \#(rows) t ON t.id = o.document_id
WHERE o.store_id = \#(number: store) AND t.user_id = \#(user) AND t.collection_name = \#(collection)
  AND o.reduced_digest = sha256(\#(vector).vector_send(t.embedding))
  AND \#(vector).vector_dims(o.embedding) = \#(number: dimensions)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.documents d
    WHERE d.store_id = o.store_id AND d.document_id = o.document_id)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.alongside b
    WHERE b.store_id = o.store_id AND b.document_id = o.document_id)
  AND NOT EXISTS (
    SELECT FROM vector_ferry.adoptions a
    WHERE a.store_id = o.store_id AND a.document_id = o.document_id)
"""#
  }

  /// Inserts the originals that were set aside as originals of another store.
  static func returnAddedOriginals(table: String, user: String, collection: String) -> SQL {
#"""
INSERT INTO vector_ferry.originals (store_id, document_id, embedding, reduced_digest)
SELECT s.id, o.document_id, o.embedding, o.reduced_digest
FROM pg_temp.vector_ferry_added_originals o, vector_ferry.stores s
WHERE s.table_name = \#(table) AND s.user_id = \#(user) AND s.collection_name = \#(collection)
ON CONFLICT DO NOTHING
"""#
  }
}
