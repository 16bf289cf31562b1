-- Refuses the vector of a document whose original half precision cannot hold, as migrate does.
--
-- A number from 65,520 on would become an infinity. Where the root mean square of the numbers is
-- below 2^-14, the smallest number that has all digits in half precision, the vector would lose
-- its digits. Zeros lose nothing.

CREATE OR REPLACE FUNCTION vector_ferry.check_original(
  p_vector pgvector.vector, p_argument text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  length float8 := pgvector.vector_norm(p_vector);
  smallest float8 := sqrt(pgvector.vector_dims(p_vector)) / 16384;
  fault record;
BEGIN
  -- No number is larger than the length of its vector.
  IF length >= 65520 THEN
    SELECT u.i - 1 AS place, u.x AS number INTO fault
    FROM unnest(p_vector::real[]) WITH ORDINALITY u(x, i) WHERE abs(u.x) >= 65520
    ORDER BY u.i LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION '%, position %: % is too large for half precision, in which the collection keeps originals',
        p_argument, fault.place, fault.number
        USING ERRCODE = 'numeric_value_out_of_range',
              DETAIL = 'The largest number of half precision is 65504; positions count from 0.',
              HINT = 'divide the vector by its length: no cosine changes';
    END IF;
  ELSIF length > 0 AND length < smallest THEN
    RAISE EXCEPTION '% has the length %, which is too small for half precision, in which the collection keeps originals',
      p_argument, ltrim(to_char(length, '9.9EEEE'))
      USING ERRCODE = 'numeric_value_out_of_range',
            DETAIL = format('The smallest length for %s numbers is %s.',
              pgvector.vector_dims(p_vector), ltrim(to_char(smallest, '9.9EEEE'))),
            HINT = 'divide the vector by its length: no cosine changes';
  END IF;
END
$$;
