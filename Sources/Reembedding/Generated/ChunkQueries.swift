// Written by Scripts/embed-sets.py from Sources/Reembedding/SQL/chunk.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of chunk.sql.
enum ChunkQueries {
  /// Reads the form of the tables of chunks and of contents.
  static func tables(schemas: SQL, contents: String?, chunks: String?) -> SQL {
#"""
SELECT n.nspname::text, a.atttypmod, s.typtype = 'e',
       EXISTS (SELECT FROM pg_attribute m WHERE m.attrelid = t.oid
               AND m.attname = 'model_name' AND NOT m.attisdropped),
       EXISTS (SELECT FROM pg_proc p JOIN pg_namespace f ON f.oid = p.pronamespace
               WHERE p.proname = 'tune_hnsw_search_parameters'
                 AND f.nspname::text IN (\#(schemas))),
       EXISTS (SELECT FROM pg_attribute x WHERE x.attrelid = t.oid
               AND x.attname = 'chunk_text' AND NOT x.attisdropped)
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'embedding'
JOIN pg_attribute c ON c.attrelid = to_regclass(\#(contents)) AND c.attname = 'status'
JOIN pg_type s ON s.oid = c.atttypid
WHERE t.oid = to_regclass(\#(chunks))
"""#
  }

  /// Counts the contents, chunks and bytes to embed, the contents that failed earlier and are not
  /// retried, and the contents that lack embeddings but that no run embeds.
  static func survey(
    contents: QualifiedName,
    failed: String,
    retriesFailed: Bool,
    isOpen: SQL,
    chunks: QualifiedName
  ) -> SQL {
#"""
SELECT count(DISTINCT c.id), count(e.id), coalesce(sum(octet_length(e.chunk_text)), 0)::bigint,
       (SELECT count(*) FROM \#(contents) f
        WHERE f.status::text = \#(failed) AND NOT \#(retriesFailed)),
       (SELECT count(*) FROM \#(contents) c
        WHERE c.status::text <> \#(failed)
          AND NOT (\#(isOpen))
          AND (SELECT count(*) FILTER (WHERE x.embedding IS NULL) > 0 OR count(*) = 0
               FROM \#(chunks) x WHERE x.content_id = c.id))
FROM \#(contents) c JOIN \#(chunks) e ON e.content_id = c.id
WHERE e.embedding IS NULL AND \#(isOpen)
"""#
  }

  /// Lists the next contents to claim, each with the number of its chunks that have no vector.
  static func candidates(
    chunks: QualifiedName,
    contents: QualifiedName,
    last: Int,
    isOpen: SQL,
    limit: Int
  ) -> SQL {
#"""
SELECT c.id, c.source_path, (SELECT count(*) FROM \#(chunks) e
                             WHERE e.content_id = c.id AND e.embedding IS NULL)
FROM \#(contents) c
WHERE c.id > \#(last) AND \#(isOpen)
ORDER BY c.id LIMIT \#(limit)
"""#
  }

  /// Marks contents that still need embeddings as being processed; returns their ids.
  static func markProcessing(
    contents: QualifiedName,
    processing: Literal,
    ids: SQL,
    isOpen: SQL
  ) -> SQL {
#"""
UPDATE \#(contents) c SET status = \#(processing)
WHERE c.id OPERATOR(pg_catalog.=) ANY (\#(ids))
  AND \#(isOpen)
RETURNING c.id
"""#
  }

  /// Reads the next chunks without a vector.
  static func page(
    chunks: QualifiedName,
    contents: SQL,
    lastContent: Int?,
    lastId: Int?,
    limit: Int
  ) -> SQL {
#"""
SELECT id, content_id, chunk_text, md5(chunk_text) FROM \#(chunks)
WHERE content_id = ANY (\#(contents)) AND embedding IS NULL
  AND (\#(lastContent)::bigint IS NULL
       OR (content_id, id) > (\#(lastContent)::bigint, \#(lastId)::bigint))
ORDER BY content_id, id LIMIT \#(limit)
"""#
  }

  /// Writes vectors into chunks that have none yet and whose text is still the same.
  static func fill(chunks: QualifiedName, origin: SQL, rows: SQL) -> SQL {
#"""
UPDATE \#(chunks) e SET embedding = v.vector, \#(origin)
FROM (VALUES \#(rows)) v (id, hash, vector)
WHERE e.id OPERATOR(pg_catalog.=) v.id AND e.embedding IS NULL
  AND pg_catalog.md5(e.chunk_text) OPERATOR(pg_catalog.=) v.hash
"""#
  }

  /// Marks contents as completed where every chunk has a vector.
  static func complete(
    contents: QualifiedName,
    completed: Literal,
    chunks: QualifiedName,
    ids: SQL,
    processing: String
  ) -> SQL {
#"""
UPDATE \#(contents) c
SET status = \#(completed), indexed_at = pg_catalog.now(),
    chunk_count = (SELECT pg_catalog.count(*) FROM \#(chunks) e
                   WHERE e.content_id OPERATOR(pg_catalog.=) c.id),
    metadata = c.metadata OPERATOR(pg_catalog.-) 'embedding_error'::pg_catalog.text
WHERE c.id OPERATOR(pg_catalog.=) ANY (\#(ids))
  AND c.status::pg_catalog.text OPERATOR(pg_catalog.=) \#(processing)
  AND NOT EXISTS (SELECT FROM \#(chunks) e
                  WHERE e.content_id OPERATOR(pg_catalog.=) c.id AND e.embedding IS NULL)
"""#
  }

  /// Marks a content as failed, with the reason.
  static func fail(
    contents: QualifiedName,
    failed: Literal,
    reason: String,
    id: Int,
    processing: String
  ) -> SQL {
#"""
UPDATE \#(contents)
SET status = \#(failed), indexed_at = NULL,
    metadata = coalesce(metadata, '{}'::pg_catalog.jsonb) OPERATOR(pg_catalog.||)
      pg_catalog.jsonb_build_object('embedding_error', \#(reason)::pg_catalog.text)
WHERE id OPERATOR(pg_catalog.=) \#(id)
  AND status::pg_catalog.text OPERATOR(pg_catalog.=) \#(processing)
"""#
  }
}
