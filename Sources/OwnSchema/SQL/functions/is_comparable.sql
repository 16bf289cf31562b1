-- Returns true where pgvector can compute cosines of a vector: where its length is zero, or from
-- 2^-55 to 2^55.
--
-- pgvector adds squares in single precision, where the squares of a shorter vector lose their
-- digits and finally become zero (docs/REDUCTION.md). The program checks the vectors of files
-- with the same bounds.

CREATE OR REPLACE FUNCTION vector_ferry.is_comparable(p_vector pgvector.vector)
RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT n.length = 0 OR n.length BETWEEN 2.0 ^ (-55)::float8 AND 2.0 ^ 55::float8
  FROM (SELECT pgvector.vector_norm(p_vector) AS length) n
$$;
