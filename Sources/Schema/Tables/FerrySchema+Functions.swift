internal import Postgres

extension FerrySchema {
  /// Functions that let any client search with its full vectors and without PCA code.
  ///
  /// Each fixes its search path, so that nobody's table or operator of the same name is met.
  static func functions(vectorSchema: Identifier) -> SQL {
    let vector = VectorNames(schema: vectorSchema)
    let path: SQL = "SET search_path = pg_catalog, \(vectorSchema), vector_ferry, pg_temp"
    return SQL.joined(
      [
        storeLookup(vector), reduction(vector), dimensionFunctions(path), reductions(vector),
        searchIndex(vector), search(vector), hybridSearch(vector), originals(vector),
        documents(vector), storedDocuments(vector), statistics(vector),
      ],
      separator: "\n")
  }

  /// The ledger's row of a user's collection; the usual table first where several hold one.
  private static func storeLookup(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
    RETURNS vector_ferry.stores LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      found vector_ferry.stores;
    BEGIN
      SELECT s.* INTO found FROM vector_ferry.stores s
      WHERE s.user_id = p_user AND s.collection_name = p_collection
      ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC
      LIMIT 1;
      RETURN found;
    END
    $$;
    """
  }

  /// The reduction that both kinds of vectors share; `p_slot` takes what lies outside the span.
  private static func reduction(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.reduce(
      p_projection vector_ferry.projections, p_vector \(vector.type), p_slot int)
    RETURNS \(vector.type) LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      centered \(vector.type) := CASE WHEN p_projection.mean IS NULL THEN p_vector
                              ELSE p_vector \(vector.minus) p_projection.mean END;
      coordinates float8[];
      squares float8;
      reduced real[] := array_fill(0::real, ARRAY[p_projection.dimensions]);
    BEGIN
      IF p_projection.kind = 'truncated' THEN
        reduced := (p_vector::real[])[1:p_projection.dimensions];
        squares := (SELECT sqrt(sum(x::float8 * x)) FROM unnest(reduced) x);
        RETURN CASE WHEN squares > 0
          THEN ARRAY(SELECT (x / squares)::real FROM unnest(reduced) WITH ORDINALITY u(x, i)
                     ORDER BY i)::\(vector.type)
          ELSE reduced::\(vector.type) END;
      END IF;
      -- pgvector's operator is the inner product with its sign turned.
      SELECT array_agg(p.value ORDER BY p.number), sum(p.value ^ 2)
      INTO coordinates, squares
      FROM (SELECT c.number, -(c.component \(vector.negativeProduct) centered) AS value
            FROM vector_ferry.projection_components c
            WHERE c.projection_id = p_projection.id
            OFFSET 0) p;  -- computed once for both uses
      IF p_projection.rank > 0 THEN
        reduced := coordinates::real[]
          || array_fill(0::real, ARRAY[p_projection.dimensions - p_projection.rank]);
      END IF;
      IF p_slot IS NOT NULL THEN
        reduced[p_slot + 1] :=
          sqrt(greatest(0, -(centered \(vector.negativeProduct) centered) - coalesce(squares, 0)))::real;
      END IF;
      RETURN reduced::\(vector.type);
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
          documents text := coalesce(store.table_name, 'public.vector_documents');
        BEGIN
          -- An empty store has no dimension of its own; whatever comes first decides.
          IF store.id IS NULL OR missing = 0 OR store.source_dimensions = 0 THEN
            RETURN vector_ferry.to_column(documents, p_vector, \(isQuery));
          END IF;
          SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.id = store.projection_id;
          IF FOUND AND \(vector.dims)(p_vector) = projection.source_dimensions THEN
            RETURN vector_ferry.to_column(documents,
              vector_ferry.reduce(projection, p_vector, projection.\(Identifier(slot))), \(isQuery));
          ELSIF \(vector.dims)(p_vector) = store.source_dimensions AND missing > 0 THEN
            RETURN vector_ferry.to_column(documents,
              (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::\(vector.type), \(isQuery));
          ELSIF \(vector.dims)(p_vector) = vector_ferry.column_dimensions(documents, 'embedding') THEN
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
