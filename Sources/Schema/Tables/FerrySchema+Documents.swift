internal import Postgres

extension FerrySchema {
  /// Adds or replaces a document with its full vector: reduced like its collection's others, and
  /// kept beside it where the collection keeps originals.
  static func documents(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.upsert_document(
      p_user text, p_collection text, p_text text, p_embedding \(vector.type),
      p_metadata jsonb DEFAULT '{}', p_id uuid DEFAULT NULL)
    RETURNS uuid LANGUAGE plpgsql VOLATILE \(vector.path) AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      written uuid;
    BEGIN
      EXECUTE format(
        'INSERT INTO %s AS t (id, user_id, collection_name, text, embedding, metadata)
         VALUES (coalesce($1, gen_random_uuid()), $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE
           SET text = excluded.text, embedding = excluded.embedding, metadata = excluded.metadata
           WHERE t.user_id = excluded.user_id AND t.collection_name = excluded.collection_name
         RETURNING id', vector_ferry.documents_of(store))
      INTO written
      USING p_id, p_user, p_collection, p_text,
            vector_ferry.reduce_document(p_user, p_collection, p_embedding),
            coalesce(p_metadata, '{}');
      IF written IS NULL THEN
        RAISE EXCEPTION 'the document % belongs to another collection', p_id
          USING ERRCODE = 'unique_violation', HINT = 'leave p_id out for a new document';
      END IF;
      IF store.keeps_original AND \(vector.dims)(p_embedding) = store.source_dimensions THEN
        PERFORM vector_ferry.keep_original(p_user, p_collection, written, p_embedding);
      END IF;
      RETURN written;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.upsert_document(text, text, text, \(vector.type), jsonb, uuid) IS
      'Adds or replaces a document of a collection; the full vector is reduced inside.';
    """
  }

  /// Stored documents as queries, with their originals where search would rank by them.
  static func storedDocuments(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.stored_documents(p_first uuid, p_last uuid)
    RETURNS TABLE (id uuid, user_id text, collection_name text, query \(vector.type))
    LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      place regclass;
      original text := CASE WHEN to_regclass('vector_ferry.originals') IS NOT NULL THEN
        '(SELECT o.embedding::\(vector.type) FROM vector_ferry.originals o
          JOIN vector_ferry.stores s ON s.id = o.store_id AND s.keeps_original
          JOIN vector_ferry.projections p ON p.id = s.projection_id
            AND NOT (p.is_exact AND p.store_id IS NOT NULL)
          WHERE o.document_id = t.id AND s.user_id = t.user_id
            AND s.collection_name = t.collection_name
            AND o.reduced_digest = sha256(\(vector.send)(t.embedding)) LIMIT 1)' END;
    BEGIN
      FOR place IN SELECT vector_ferry.document_tables() LOOP
        RETURN QUERY EXECUTE format(
          'SELECT t.id, t.user_id::text, t.collection_name::text, coalesce(%s, t.embedding)
           FROM %s t WHERE t.id BETWEEN $1 AND $2 ORDER BY t.id', coalesce(original, 'NULL'), place)
        USING p_first, p_last;
      END LOOP;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.stored_documents(uuid, uuid) IS
      'Documents by their ids, each with the vector that finds documents like it.';
    """
  }

  /// What is in a collection, and what is in all of them.
  ///
  /// The view asks a function, so that it needs no table of documents to be made, and is in
  /// nobody's way when one is dropped.
  static func statistics(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.has_documents(p_user text, p_collection text)
    RETURNS boolean LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      answer boolean;
    BEGIN
      EXECUTE format(
        'SELECT EXISTS (SELECT FROM %s t WHERE t.user_id = $1 AND t.collection_name = $2)',
        vector_ferry.documents_of(vector_ferry.store_of(p_user, p_collection)))
      INTO answer USING p_user, p_collection;
      RETURN answer;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.has_documents(text, text) IS
      'Whether a collection has any document; one look at the index, however many there are.';

    CREATE OR REPLACE FUNCTION vector_ferry.collection_stats(p_user text, p_collection text)
    RETURNS TABLE (document_count bigint, dimensions int, oldest timestamptz, newest timestamptz,
                   text_bytes bigint, migrated bigint, keeps_original boolean)
    LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
    BEGIN
      RETURN QUERY EXECUTE format(
        'SELECT count(*), nullif(max(a.atttypmod), -1), min(t.created_at), max(t.created_at),
                coalesce(sum(octet_length(t.text)), 0)::bigint,
                CASE WHEN count(*) > 0 THEN $3 ELSE 0 END, $4
         FROM %1$s t, pg_attribute a
         WHERE a.attrelid = $5 AND a.attname = ''embedding''
           AND t.user_id = $1 AND t.collection_name = $2', vector_ferry.documents_of(store))
      USING p_user, p_collection, coalesce(store.documents, 0),
            coalesce(store.keeps_original, false), vector_ferry.documents_of(store);
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.collection_stats(text, text) IS
      'How much a collection holds, and how much of it was migrated.';

    CREATE OR REPLACE FUNCTION vector_ferry.search_stats()
    RETURNS TABLE (user_id text, collection_name text, documents bigint, oldest timestamptz,
                   newest timestamptz, last_change timestamptz, table_name text)
    LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      place regclass;
    BEGIN
      FOR place IN SELECT vector_ferry.document_tables() LOOP
        RETURN QUERY EXECUTE format(
          'SELECT t.user_id::text, t.collection_name::text, count(*), min(t.created_at),
                  max(t.created_at), %s, $1
           FROM %s t GROUP BY 1, 2',
          -- A table of the application's own need not have this column.
          CASE WHEN EXISTS (
              SELECT FROM pg_attribute a
              WHERE a.attrelid = place AND a.attname = 'updated_at'
                AND a.atttypid = 'timestamptz'::regtype AND NOT a.attisdropped)
            THEN 'max(t.updated_at)' ELSE 'NULL::timestamptz' END, place)
        USING place::text;
      END LOOP;
    END
    $$;
    CREATE OR REPLACE VIEW vector_ferry.vector_search_stats AS
      SELECT * FROM vector_ferry.search_stats();
    COMMENT ON VIEW vector_ferry.vector_search_stats IS
      'Every collection that the session may see: documents, oldest, newest, last change.';
    """
  }
}
