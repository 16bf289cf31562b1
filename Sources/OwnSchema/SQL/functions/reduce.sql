-- Reduces a vector of a query or of a document; the number at p_slot becomes the length of the part
-- that is not kept.
--
-- docs/REDUCTION.md explains the mathematics. A share of less than 4e-6 of a square is rounding:
-- it changes no cosine by more than 2e-6. Where less than a hundredth of what lies outside of
-- the span is kept, the kept part is not stretched, because its rounding errors would be
-- stretched, too.
--
-- A vector whose length pgvector cannot compare is scaled; only a centred model refuses it, because
-- there the length changes the direction. (reduce_document refuses such vectors of documents
-- before.) Where a model keeps so little of a vector that pgvector could not compare it, the result
-- has only zeros.

CREATE OR REPLACE FUNCTION vector_ferry.reduce(
  p_projection vector_ferry.projections, p_vector pgvector.vector, p_slot int)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  centered pgvector.vector := p_vector;
  numbers real[];
  whole float8;
  width int := greatest(p_projection.rank, p_projection.aligned_dimensions);
  head pgvector.vector;
  in_span pgvector.vector;
  of_head pgvector.vector;
  part pgvector.vector;
  turned pgvector.vector;
  outside float8;
  kept float8;
  stretch float8 := 1;
  reduced real[];
  rest float8;
BEGIN
  IF pgvector.vector_dims(p_vector) <> p_projection.source_dimensions THEN
    RAISE EXCEPTION 'the model takes vectors of % dimensions, not %',
      p_projection.source_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception';
  END IF;
  IF p_projection.kind = 'truncated' THEN
    numbers := p_vector::real[];
    RETURN vector_ferry.unit_vector(numbers[1:p_projection.dimensions]::pgvector.vector);
  END IF;
  IF NOT vector_ferry.is_comparable(p_vector) THEN
    IF p_projection.mean IS NOT NULL THEN
      RAISE EXCEPTION 'the vector has the length %; a centred model takes vectors of lengths from 2.8e-17 to 3.6e16',
        ltrim(to_char(pgvector.vector_norm(p_vector), '9.9EEEE'))
        USING ERRCODE = 'numeric_value_out_of_range',
              HINT = 'scale the vector like those that were migrated';
    END IF;
    centered := vector_ferry.unit_vector(p_vector);
  ELSIF p_projection.mean IS NOT NULL THEN
    centered := p_vector OPERATOR(pgvector.-) p_projection.mean;
  END IF;
  numbers := centered::real[];
  whole := -(centered OPERATOR(pgvector.<#>) centered);
  outside := whole;
  IF p_projection.rank > 0 THEN
    in_span := vector_ferry.component_products(
      p_projection.id, 0, p_projection.piece_size, numbers);
    outside := whole + (in_span OPERATOR(pgvector.<#>) in_span);
  END IF;
  IF width > p_projection.rank THEN
    -- An aligned model of few components: the first numbers, changed within the span, and stretched
    -- outside of it.
    numbers := numbers[1:width];
    head := numbers;
    kept := -(head OPERATOR(pgvector.<#>) head);
    IF p_projection.rank > 0 THEN
      of_head := vector_ferry.component_products(
        p_projection.id, (p_projection.source_dimensions - 1) / p_projection.piece_size + 1,
        p_projection.piece_size, numbers);
      kept := kept + (of_head OPERATOR(pgvector.<#>) of_head);
    END IF;
    IF outside > 4e-6 * whole AND kept > 0.01 * outside THEN
      stretch := sqrt(outside / kept);
      head := head OPERATOR(pgvector.*)
        array_fill(stretch::real, ARRAY[width])::pgvector.vector;
    END IF;
    turned := head;
    IF p_projection.rank > 0 THEN
      in_span := in_span OPERATOR(pgvector.-)
        (of_head OPERATOR(pgvector.*)
          array_fill(stretch::real, ARRAY[p_projection.rank])::pgvector.vector);
      -- One image after the other, in their order; in FROM they would be gathered first.
      part := ARRAY(
        SELECT -(i.image OPERATOR(pgvector.<#>) in_span)
        FROM (SELECT unnest(p_projection.images) AS image OFFSET 0) i);
      turned := turned OPERATOR(pgvector.+) part;
    END IF;
  ELSE
    turned := in_span;
  END IF;
  reduced := coalesce(turned::real[], '{}')
    || array_fill(0::real, ARRAY[p_projection.dimensions - width]);
  IF p_slot IS NOT NULL THEN
    rest := CASE WHEN width = 0 THEN whole
            ELSE whole + (turned OPERATOR(pgvector.<#>) turned) END;
    IF rest > 4e-6 * whole THEN
      reduced[p_slot + 1] := sqrt(rest)::real;
    END IF;
  END IF;
  RETURN CASE WHEN vector_ferry.is_comparable(reduced::pgvector.vector) THEN reduced
    ELSE array_fill(0::real, ARRAY[p_projection.dimensions]) END::pgvector.vector;
END
$$;
