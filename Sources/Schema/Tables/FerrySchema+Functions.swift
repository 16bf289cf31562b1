internal import Postgres

extension FerrySchema {
  /// Functions that let any client search with its full vectors and without PCA code.
  ///
  /// Each fixes its search path, so that nobody's table or operator of the same name is met.
  static func functions(vectorSchema: Identifier) -> SQL {
    let vector = VectorNames(schema: vectorSchema)
    return SQL.joined(
      [
        storeLookup(vector), reduction(vector), dimensionFunctions(vector),
        reductions(vector), searchIndex(vector), search(vector), hybridSearch(vector),
        originals(vector), documents(vector), storedDocuments(vector), statistics(vector),
      ],
      separator: "\n")
  }

  /// The ledger's row of a user's collection; the usual table first where several hold one.
  private static func storeLookup(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
    RETURNS vector_ferry.stores LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      answer vector_ferry.stores;
    BEGIN
      SELECT s.* INTO answer FROM vector_ferry.stores s
      WHERE s.user_id = p_user AND s.collection_name = p_collection
      ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC
      LIMIT 1;
      RETURN answer;
    END
    $$;
    """
  }

  /// Vectors of the table's own dimension pass as they are; shorter ones get zeros, as their
  /// store's documents did.
  static func reductions(_ vector: VectorNames) -> SQL {
    let both: [(String, String, SQL, String)] = [
      (
        "reduce_query", "query_slot", "true",
        "Reduces a query for similarity search in a collection."
      ),
      (
        "reduce_document", "document_slot", "false",
        "Reduces the vector of a document that is added to a collection."
      ),
    ]
    let pieces = both.map { name, slot, isQuery, comment -> SQL in
      let function = QualifiedName(schema: FerrySchema.name, Identifier(name))
      return """
        CREATE OR REPLACE FUNCTION \(function)(p_user text, p_collection text, p_vector \(vector.type))
        RETURNS \(vector.type) LANGUAGE plpgsql STABLE STRICT \(vector.path) AS $$
        DECLARE
          store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
          projection vector_ferry.projections;
          missing int := store.dimensions - \(vector.dims)(p_vector);
          -- The name by which the record of dimension changes knows the table.
          documents text := (
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = vector_ferry.documents_of(store));
        BEGIN
          -- An empty store has no dimension of its own; whatever comes first decides.
          IF store.id IS NULL OR missing = 0 OR store.source_dimensions = 0 THEN
            RETURN vector_ferry.to_column(documents, p_vector, \(isQuery));
          END IF;
          -- Its own model, or its zeros, were for vectors that the column has no more.
          IF vector_ferry.reembedding_of(documents) IS NOT NULL THEN
            RETURN vector_ferry.to_column(documents, p_vector, \(isQuery));
          END IF;
          SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.id = store.projection_id;
          IF FOUND AND \(vector.dims)(p_vector) = projection.source_dimensions THEN
            RETURN vector_ferry.to_column(documents,
              vector_ferry.reduce(projection, p_vector, projection.\(Identifier(slot))), \(isQuery));
          ELSIF \(vector.dims)(p_vector) = store.source_dimensions AND missing > 0 THEN
            RETURN vector_ferry.to_column(documents,
              (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::\(vector.type), \(isQuery));
          ELSIF \(vector.dims)(p_vector) = vector_ferry.column_dimensions(documents::regclass, 'embedding') THEN
            RETURN p_vector;
          END IF;
          RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
            p_user, p_collection, store.source_dimensions, \(vector.dims)(p_vector)
            USING ERRCODE = 'data_exception';
        END
        $$;
        COMMENT ON FUNCTION \(function)(text, text, \(vector.type)) IS \(Literal(comment));
        """
    }
    return SQL.joined(pieces, separator: "\n")
  }
}
