SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA vector_ferry;

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

CREATE FUNCTION public.vector_documents_touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE vector_ferry.projections (
    store_id bigint NOT NULL,
    kind text NOT NULL,
    source_dimensions integer NOT NULL,
    dimensions integer NOT NULL,
    rank integer NOT NULL,
    fitted_rows bigint NOT NULL,
    total_energy double precision NOT NULL,
    is_exact boolean NOT NULL,
    query_slot integer,
    document_slot integer,
    mean public.vector,
    recall double precision NOT NULL,
    score_change double precision NOT NULL,
    queries integer NOT NULL,
    CONSTRAINT projections_kind_check CHECK ((kind = ANY (ARRAY['uncentered'::text, 'centered'::text, 'truncated'::text])))
);

CREATE FUNCTION vector_ferry.reduce(p_projection vector_ferry.projections, p_vector public.vector, p_slot integer) RETURNS public.vector
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'vector_ferry', 'pg_temp'
    AS $$
DECLARE
  centered vector := CASE WHEN p_projection.mean IS NULL THEN p_vector
                          ELSE p_vector - p_projection.mean END;
  coordinates float8[];
  squares float8;
  reduced real[] := array_fill(0::real, ARRAY[p_projection.dimensions]);
BEGIN
  IF p_projection.kind = 'truncated' THEN
    reduced := (p_vector::real[])[1:p_projection.dimensions];
    squares := (SELECT sqrt(sum(x::float8 * x)) FROM unnest(reduced) x);
    RETURN CASE WHEN squares > 0
      THEN ARRAY(SELECT (x / squares)::real FROM unnest(reduced) WITH ORDINALITY u(x, i)
                 ORDER BY i)::vector
      ELSE reduced::vector END;
  END IF;
  -- pgvector's <#> is the inner product with its sign turned.
  SELECT array_agg(-(c.component <#> centered) ORDER BY c.number),
         sum((c.component <#> centered) ^ 2)
  INTO coordinates, squares
  FROM vector_ferry.projection_components c
  WHERE c.store_id = p_projection.store_id;
  IF p_projection.rank > 0 THEN
    reduced := coordinates::real[]
      || array_fill(0::real, ARRAY[p_projection.dimensions - p_projection.rank]);
  END IF;
  IF p_slot IS NOT NULL THEN
    reduced[p_slot + 1] :=
      sqrt(greatest(0, -(centered <#> centered) - coalesce(squares, 0)))::real;
  END IF;
  RETURN reduced::vector;
END
$$;

CREATE FUNCTION vector_ferry.reduce_document(p_user text, p_collection text, p_vector public.vector) RETURNS public.vector
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'vector_ferry', 'pg_temp'
    AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  projection vector_ferry.projections;
  missing int := store.dimensions - vector_dims(p_vector);
BEGIN
  -- An empty store has no dimension of its own; whatever comes first decides.
  IF store.id IS NULL OR missing = 0 OR store.source_dimensions = 0 THEN
    RETURN p_vector;
  END IF;
  SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.store_id = store.id;
  IF FOUND AND vector_dims(p_vector) = projection.source_dimensions THEN
    RETURN vector_ferry.reduce(projection, p_vector, projection."document_slot");
  ELSIF vector_dims(p_vector) = store.source_dimensions AND missing > 0 THEN
    RETURN (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::vector;
  END IF;
  RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
    p_user, p_collection, store.source_dimensions, vector_dims(p_vector)
    USING ERRCODE = 'data_exception';
END
$$;

COMMENT ON FUNCTION vector_ferry.reduce_document(p_user text, p_collection text, p_vector public.vector) IS 'Reduces the vector of a document that is added to a collection.';

CREATE FUNCTION vector_ferry.reduce_query(p_user text, p_collection text, p_vector public.vector) RETURNS public.vector
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'vector_ferry', 'pg_temp'
    AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  projection vector_ferry.projections;
  missing int := store.dimensions - vector_dims(p_vector);
BEGIN
  -- An empty store has no dimension of its own; whatever comes first decides.
  IF store.id IS NULL OR missing = 0 OR store.source_dimensions = 0 THEN
    RETURN p_vector;
  END IF;
  SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.store_id = store.id;
  IF FOUND AND vector_dims(p_vector) = projection.source_dimensions THEN
    RETURN vector_ferry.reduce(projection, p_vector, projection."query_slot");
  ELSIF vector_dims(p_vector) = store.source_dimensions AND missing > 0 THEN
    RETURN (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::vector;
  END IF;
  RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
    p_user, p_collection, store.source_dimensions, vector_dims(p_vector)
    USING ERRCODE = 'data_exception';
END
$$;

COMMENT ON FUNCTION vector_ferry.reduce_query(p_user text, p_collection text, p_vector public.vector) IS 'Reduces a query for similarity search in a collection.';

CREATE FUNCTION vector_ferry.similarity_search(p_user text, p_collection text, p_query public.vector, p_k integer DEFAULT 5, p_threshold double precision DEFAULT NULL::double precision, p_filter jsonb DEFAULT NULL::jsonb) RETURNS TABLE(id uuid, text text, metadata jsonb, similarity double precision)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'vector_ferry', 'pg_temp'
    AS $_$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT t.id, t.text::text, t.metadata, 1 - (t.embedding <=> $3)
     FROM %s t
     WHERE t.user_id = $1 AND t.collection_name = $2
       AND ($5 IS NULL OR 1 - (t.embedding <=> $3) >= $5)
       AND ($6 IS NULL OR t.metadata @> $6)
     ORDER BY t.embedding <=> $3
     LIMIT $4',
    coalesce(store.table_name, 'public.vector_documents'))
  USING p_user, p_collection, vector_ferry.reduce_query(p_user, p_collection, p_query),
        p_k, p_threshold, p_filter;
END
$_$;

COMMENT ON FUNCTION vector_ferry.similarity_search(p_user text, p_collection text, p_query public.vector, p_k integer, p_threshold double precision, p_filter jsonb) IS 'The documents of a collection that are nearest to a query by cosine, reduced inside.';

CREATE TABLE vector_ferry.stores (
    id bigint NOT NULL,
    table_name text NOT NULL,
    user_id character varying(255) NOT NULL,
    collection_name character varying(255) NOT NULL,
    run_id uuid NOT NULL,
    source_path text NOT NULL,
    source_digest bytea NOT NULL,
    settings text NOT NULL,
    documents bigint NOT NULL,
    source_dimensions integer NOT NULL,
    dimensions integer NOT NULL,
    content_digest bytea NOT NULL,
    state text NOT NULL,
    migrated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stores_state_check CHECK ((state = 'migrated'::text))
);

CREATE FUNCTION vector_ferry.store_of(p_user text, p_collection text) RETURNS vector_ferry.stores
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'vector_ferry', 'pg_temp'
    AS $$
  SELECT s FROM vector_ferry.stores s
  WHERE s.user_id = p_user AND s.collection_name = p_collection
  ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC
  LIMIT 1
$$;

CREATE TABLE public.vector_documents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id character varying(255) NOT NULL,
    collection_name character varying(255) DEFAULT 'personal_assistant'::character varying NOT NULL,
    text text NOT NULL,
    embedding public.vector(16) NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

CREATE TABLE vector_ferry.documents (
    store_id bigint NOT NULL,
    document_id uuid NOT NULL,
    "position" bigint NOT NULL,
    fingerprint bytea NOT NULL,
    has_timestamp boolean NOT NULL
);

CREATE TABLE vector_ferry.projection_components (
    store_id bigint NOT NULL,
    number integer NOT NULL,
    energy double precision NOT NULL,
    component public.vector NOT NULL
);

CREATE TABLE vector_ferry.runs (
    id uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    host text NOT NULL,
    pid integer NOT NULL,
    program_version text NOT NULL
);

ALTER TABLE vector_ferry.stores ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME vector_ferry.stores_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE vector_ferry.version (
    number integer NOT NULL,
    installed_at timestamp with time zone DEFAULT now() NOT NULL
);

INSERT INTO public.vector_documents VALUES ('ea37e0fb-b48c-5fde-a6fe-f72dba7db97b', 'ann', 'large', 'Text number 0, naïve 🦊', '[1.8644229,-0.18824723,-0.14994459,0.6466518,0.6722689,0.46817684,-0.852613,-0.6531493,1.3768262,-0.15627792,0.4048797,0.8086767,0.2716244,0.8650582,-0.20122002,-0.07533878]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('1d63a2e9-a880-58c6-9cd2-f65c5faffb1c', 'ann', 'large', 'Text number 1, naïve 🦊', '[0.47480014,-0.6147646,-0.09814567,1.0008827,-0.027850762,-0.4266336,1.3446294,0.5902376,-0.63881356,-0.6248434,0.84898454,-1.1552463,0.82036734,0.8715009,0.34175256,-0.38976777]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('22534cdb-6523-55c8-a4d0-61dd49db8e61', 'ann', 'large', 'Text number 2, naïve 🦊', '[-0.5438378,0.30748457,-0.5377772,0.48815486,1.9063216,-0.5823328,0.33140916,0.12877226,0.14572631,-0.45132747,0.65860313,0.3151247,-0.5068863,-0.28499132,-0.817304,0.27093118]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('5a19e205-b10a-5395-817b-1aa625239b16', 'ann', 'large', 'Text number 3, naïve 🦊', '[0.16323753,-0.24210896,0.07533008,0.2454668,0.2298631,1.1195489,-1.1987681,1.1908486,-0.34065402,0.23206419,-0.69443554,0.14247392,0.36481887,0.54205626,-0.5989086,0.8523904]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('1662857f-27b4-5ed5-8fa2-b144350a7c9f', 'ann', 'large', 'Text number 4, naïve 🦊', '[-0.40245682,0.5009766,1.1003867,-1.2698566,0.35065264,-0.41428998,0.69805944,0.3881611,0.18422359,-0.46599624,0.25416493,0.43998826,0.4451503,-0.08779986,-0.5681832,-0.20020266]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('399f3c5f-02fa-566f-9a20-1aa2b25193e5', 'ann', 'large', 'Text number 5, naïve 🦊', '[-0.081235215,-0.769403,1.4713869,0.5400765,1.5971568,-0.6538278,0.6817532,-0.04992604,0.3717889,1.1928825,0.5956496,-0.07873428,0.5674376,0.588705,-0.014555555,0.13123216]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('5f940ae3-1092-50b4-811f-37e6b872e573', 'ann', 'large', 'Text number 6, naïve 🦊', '[1.3672715,-1.3702738,-1.484517,-0.6855332,0.69915617,0.4788023,-0.11225697,0.6357739,0.048290312,-0.1549952,-0.38101318,0.016428718,0.07174389,0.27619582,-0.20798346,0.09722928]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('17dd4ab5-e69b-53f6-8c0c-c11363d107a4', 'ann', 'large', 'Text number 7, naïve 🦊', '[0.67664874,0.2725597,0.77290004,0.64258635,-0.41179007,-0.22101404,-0.23673719,-1.0365546,0.4867293,0.7381539,-0.047038317,-0.44276607,0.49772957,-0.7407305,-0.67349136,-0.62483156]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('d6705112-549e-5d8e-b004-f8addcafcad2', 'ann', 'large', 'Text number 8, naïve 🦊', '[0.029077422,0.57584304,-0.41995484,-1.1743969,-0.3421813,1.5842683,-0.55374205,0.8431068,0.7856337,-0.5866572,0.7800202,-0.42339793,0.105919786,-0.22726105,0.23293418,-0.33823255]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('49fb2f43-3a58-50ae-8104-41196fdf7399', 'ann', 'large', 'Text number 9, naïve 🦊', '[1.647616,-0.6925252,-0.318056,0.22050579,-0.09067111,0.012514165,1.7415217,0.43802425,-0.029485768,0.17421427,-0.2919712,-0.22898646,-0.6408548,0.41738525,-0.5367196,0.17939089]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('09f463a3-0473-513c-bfec-aab73232cea9', 'ann', 'large', 'Text number 10, naïve 🦊', '[0.42463362,1.3808976,0.66138655,0.8999811,-0.8437625,0.4040748,-0.5533492,0.2362364,-0.86299586,-0.10292785,1.2893502,-0.7265794,0.016438011,-0.14274216,-0.8148939,-0.44664127]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('43736f72-2262-5553-ae13-cdddc22c927b', 'ann', 'large', 'Text number 11, naïve 🦊', '[1.7262354,0.7367036,-0.5249834,-0.7619312,0.10206926,0.2021676,0.81714725,0.34671807,0.17506517,-0.78811586,0.43900973,0.010141049,0.36834273,0.54321915,0.16423017,0.34672913]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('bde61380-b935-54b2-a82e-f1f85356f4ea', 'ann', 'large', 'Text number 12, naïve 🦊', '[0.8584101,-1.3980398,-0.81676567,0.25606638,0.8526603,-0.61793065,0.15161006,-0.3376535,-0.91984564,0.8633136,0.26243642,-0.26324666,-0.7135866,0.30337688,-0.122317396,-0.26205435]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('087fe129-55a3-5ba1-8393-42f9f735ed9b', 'ann', 'large', 'Text number 13, naïve 🦊', '[-0.42369354,1.6058208,-0.62195355,1.3773155,1.0153868,0.30105537,0.2173759,0.8211496,-0.5082487,0.32831603,-0.19367588,0.06974106,0.58776766,-0.075167425,-0.48615578,-0.20796923]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('8861203f-c9e3-5ee5-b154-0738b04b5c67', 'ann', 'large', 'Text number 14, naïve 🦊', '[-1.5452656,-0.2228264,-0.32626653,1.2427623,-0.50549734,0.21028012,0.034640107,-0.9146961,0.85703486,0.31933266,-0.99209577,-0.8891982,0.93999004,0.937029,0.5278174,-0.024424536]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('08bf00f5-5116-57af-8e4e-f83bc8d2b033', 'ann', 'large', 'Text number 15, naïve 🦊', '[0.8386685,0.8434878,1.0360603,-0.29718515,0.4775704,0.13667832,-0.7763284,0.122305244,-0.48493263,1.4058474,-0.48038432,-0.17509189,-0.93767875,0.61025196,0.7365656,0.2235561]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('8a2c61fd-732c-5434-880a-6a084dddf36f', 'ann', 'large', 'Text number 16, naïve 🦊', '[0.35231662,1.0516781,-1.0416728,-0.47803798,-1.4002522,-0.37857276,0.5740056,-0.6955172,-0.92134583,0.13895844,-0.21161944,0.060472008,-0.18224597,0.040937237,0.024734989,0.2989674]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('3f52d6ee-633d-5822-a3c8-01e11f3f68ca', 'ann', 'large', 'Text number 17, naïve 🦊', '[0.7065433,0.61454135,0.07623946,1.6033517,-0.59527785,-0.87328506,-0.56562537,1.1948814,0.42737815,-0.12840594,-0.20640638,0.10069402,0.5785951,-0.39666033,0.00035713814,0.7607908]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('8d9f0705-6e12-5c26-bdcc-2b3fd58adb57', 'ann', 'large', 'Text number 18, naïve 🦊', '[-0.30575407,-1.7798526,0.42915323,0.55531156,-0.14476307,-0.2660218,-0.8501525,0.47562107,-0.8373045,-1.3556163,-0.7340878,0.32934356,0.3677962,0.29675904,-0.0034297397,-0.2519347]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('26740ce9-aa95-518d-a3c7-6b4e3a2f98a9', 'ann', 'large', 'Text number 19, naïve 🦊', '[-0.025322232,0.10680897,0.28666046,-0.78541493,-0.39817825,-1.4419762,-1.7482028,0.30063152,-0.3306201,-0.39923742,0.29539558,-0.010925268,-0.28846496,1.0330793,-0.16025646,-0.69755787]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('9b862608-a183-582e-94d2-1fc54e9ac7a2', 'ann', 'large', 'Text number 20, naïve 🦊', '[-1.8326443,0.54725844,0.2534576,-1.027187,0.87642515,0.72127795,0.3948657,-0.8237359,-0.022098545,0.009153661,0.3922173,0.5352608,0.23726465,0.6446243,-0.04454615,0.120019324]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('c13496b3-dba6-5f5c-91ac-9430d4105086', 'ann', 'large', 'Text number 21, naïve 🦊', '[-0.7569188,2.0827944,-0.9042672,-0.4206762,-0.21394514,-1.3877842,0.5890239,0.57976824,-0.066510595,0.052306198,-0.33586302,-0.57926893,-0.8617722,0.74509555,0.12758923,-0.07834577]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('49e912bd-f2f0-59a8-8871-2a5fa5b2db02', 'ann', 'large', 'Text number 22, naïve 🦊', '[-1.1319743,-0.18378054,0.13768397,-0.3537686,-0.13898672,-0.09469778,-1.0542195,1.0023558,-0.22688119,0.29837903,1.1808605,0.28927284,-0.023613166,0.51101667,-0.012843083,0.045980603]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('66edc8dd-3b20-565d-8f7b-e6aa7cbf486c', 'ann', 'large', 'Text number 23, naïve 🦊', '[0.61946,0.2102225,-1.1747694,-0.4566632,1.0184121,0.23151244,0.1439777,0.22604209,0.016815461,0.591669,0.24784146,-0.4393398,0.3028855,-0.32370397,0.41654015,-0.54059887]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('abba5c64-c674-5cdc-a55f-f6224b7d1670', 'ann', 'large', 'Text number 24, naïve 🦊', '[-1.5429273,0.43238646,0.55701476,-0.7023542,-0.031852532,0.12989907,0.30319732,-0.04456893,-1.0010691,0.18150622,0.13520084,0.1427364,0.82068396,-0.31416306,0.39766943,-0.063286014]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('8d3d4204-ade8-5384-9209-07b300f12525', 'ann', 'large', 'Text number 25, naïve 🦊', '[1.2860242,0.42839885,0.67969704,-0.65447766,-0.2978677,1.0897049,-0.45745218,0.595067,-0.44576472,0.9666944,-1.115524,-0.47899172,0.38810873,0.2518525,-0.48388293,-0.75068057]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('51befb1e-5284-5330-994e-cb90af8d3127', 'ann', 'large', 'Text number 26, naïve 🦊', '[1.5650477,0.2872452,1.2915825,-0.14490578,0.123906285,-0.8854971,-0.9458151,-1.2114109,-0.60377645,-0.9857547,-0.15077268,-0.17914863,-0.17150858,0.16492182,0.19021605,0.29292616]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('e587e850-ac85-5841-bd7c-32e901319d77', 'ann', 'large', 'Text number 27, naïve 🦊', '[1.4059888,0.24566929,-0.3737398,0.85636437,-1.4413971,-1.0092814,0.04613798,-0.6199956,0.31707463,0.0066297613,0.77272636,0.58861375,0.16394517,0.21856454,-0.13175316,0.03996672]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('a310882d-00a5-58a7-b208-93ca3406c96e', 'ann', 'large', 'Text number 28, naïve 🦊', '[-0.7567775,-0.5567079,-1.6719241,-0.1274725,-0.41272825,1.3515694,-0.9545161,-1.1453556,-0.4959815,0.009596901,0.8150541,-1.1196256,-0.081124045,0.2298984,-0.33655596,0.8816356]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('4584b08e-a009-525d-a816-1db146966559', 'ann', 'large', 'Text number 29, naïve 🦊', '[0.0371532,-0.57185096,-0.4168983,-1.3201985,-2.0472019,-0.44202322,0.606349,0.1725192,0.3238626,1.216516,0.10452475,0.5494436,0.6690096,0.35661066,-1.0116605,0.239794]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('5e8a7fb5-c437-52fb-8e77-97619324e36b', 'ann', 'large', 'Text number 30, naïve 🦊', '[-0.03604163,-0.48589382,-0.056150768,-1.8699253,0.517274,-1.5343889,-0.13955821,0.1757629,0.016394403,-0.084062554,-0.063346274,-0.64027745,1.1214641,0.22750473,0.0018964875,0.3142083]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('bb4f5da7-ae69-5c33-8fd1-88b05e29cdad', 'ann', 'large', 'Text number 31, naïve 🦊', '[-0.02974829,0.055339213,1.7286241,-0.84393114,0.41370517,0.1687743,0.46950716,-0.74612826,0.15623474,-0.66080654,-0.46405038,-1.1163741,-0.25283703,0.06500585,-1.0776633,0.60767215]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('993ce127-bb71-50c8-83fa-3545f9fc4ddf', 'ann', 'large', 'Text number 32, naïve 🦊', '[-0.62230235,1.0330644,-0.71667594,0.682033,0.68548656,-0.5169447,-0.124402344,0.06124469,-0.88886946,-0.3082771,-0.83373266,0.0042276606,0.2026266,-0.036035743,-0.7536263,0.21397536]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('a6217478-495a-5005-a2ed-5018dde15f49', 'ann', 'large', 'Text number 33, naïve 🦊', '[-0.77342373,1.0204091,-0.7339601,0.35473824,0.12371544,-0.31239587,-0.33580485,-0.09669053,1.3654878,-0.64878005,-0.46247214,-0.8290548,-0.09817167,0.39164785,-0.24192578,-0.37769213]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('18c11ae6-9420-576d-b81b-be933aa9d16a', 'ann', 'large', 'Text number 34, naïve 🦊', '[-0.45193493,1.1263785,-0.4118994,-0.5181118,0.27288288,-0.39522815,-0.40525615,0.067312256,1.2063341,0.16671954,-0.37624848,0.30141613,-0.45323753,0.29894763,-0.35992122,-0.17104821]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('51c56bc5-4945-5f50-b0ca-9278d17ba43a', 'ann', 'large', 'Text number 35, naïve 🦊', '[-1.3111382,-0.48766634,1.4332914,0.9619828,-0.6698293,0.63023984,0.32170463,0.706201,0.45013273,0.35852718,0.75118285,-0.34736672,-0.86844,0.57993364,-0.15068857,0.2862273]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('23f8fcf5-1789-5c80-bd66-d4cb645de165', 'ann', 'large', 'Text number 36, naïve 🦊', '[-1.9033532,-1.3032769,-0.9078578,0.51063377,-0.16005565,-0.294735,-0.15092425,-0.5972716,-0.46205056,0.11081715,-0.18352704,0.78128296,-0.17749621,0.3908184,-0.68790084,-0.62566376]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('2607ac19-eafe-55c2-999e-fcc64ead65d9', 'ann', 'large', 'Text number 37, naïve 🦊', '[-0.20523994,-1.9836383,-0.038593635,-0.46472117,-0.14423841,-0.22971943,-0.049352802,0.5351247,0.5706481,-0.27242514,-0.19225962,-0.92104614,-0.6466604,-0.6383125,-0.3819772,-0.54467964]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('3a7441c4-380e-5a90-82e1-19791f9f05a1', 'ann', 'large', 'Text number 38, naïve 🦊', '[-1.1213281,-0.89009076,0.11974394,0.099070705,-0.7710409,-1.2948174,-0.11169464,0.9335097,0.57056755,0.2903387,-0.14187406,-0.33900532,-0.24640284,-0.55279946,0.32027563,0.5543055]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('a80a16a5-2f92-5f87-8313-33efdae86bf8', 'ann', 'large', 'Text number 39, naïve 🦊', '[-0.26832575,0.04113542,0.7499225,0.22877243,-0.9542867,1.2785609,1.4557987,0.2393199,-0.13829628,-0.96895057,-0.6103389,0.6677863,-0.40987328,0.6540171,0.10781186,-0.2959803]', '{}', '2026-11-21 04:55:17.441337+00', '2026-11-21 04:55:17.441337+00');
INSERT INTO public.vector_documents VALUES ('aded02e6-a23c-593c-82aa-f8a4da65408b', 'ann', 'notes', 'Text number 0, naïve 🦊', '[-2.0327542,1.3904316,-0.8525776,1.256921,-0.6788718,0,0,0,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.471331+00', '2026-11-21 04:55:17.471331+00');
INSERT INTO public.vector_documents VALUES ('5a5f743d-f3b5-56ca-a2b2-7c2aeecd626c', 'ann', 'notes', 'Text number 1, naïve 🦊', '[-1.5349714,-2.0136986,0.91513216,-0.80847096,-0.8218185,0,0,0,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.471331+00', '2026-11-21 04:55:17.471331+00');
INSERT INTO public.vector_documents VALUES ('2e564688-19c5-5547-b1c7-8c213c754b37', 'ann', 'notes', 'Text number 2, naïve 🦊', '[-2.3620746,-0.37535563,0.01203447,-0.15319562,1.1512954,0,0,0,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.471331+00', '2026-11-21 04:55:17.471331+00');
INSERT INTO public.vector_documents VALUES ('a2e033ce-e178-5ba2-88fc-b6d423527085', 'ann', 'notes', 'Text number 3, naïve 🦊', '[-0.4899849,2.2993972,1.4725072,-1.3952634,-0.11301955,0,0,0,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.471331+00', '2026-11-21 04:55:17.471331+00');
INSERT INTO public.vector_documents VALUES ('9be8f15e-fd53-592e-be18-c138c17bd5bc', 'ann', 'notes', 'Text number 4, naïve 🦊', '[0.17107004,-0.14329505,2.4642158,1.5696107,0.1322322,0,0,0,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.471331+00', '2026-11-21 04:55:17.471331+00');
INSERT INTO public.vector_documents VALUES ('7c0b9b5e-ff65-5da9-93af-5b284663f0d5', 'bob', 'notes', 'Text number 0, naïve 🦊', '[-0.2203405,-0.9664234,0.80152136,0.1658606,-0.09511621,-0.50113696,-0.06409399,-0.34384653,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.480662+00', '2026-11-21 04:55:17.480662+00');
INSERT INTO public.vector_documents VALUES ('1c1a4ac0-506c-5725-9901-dba78efa41a0', 'bob', 'notes', 'Text number 1, naïve 🦊', '[-0.7314834,-0.1737172,-0.7928801,0.9197481,0.8360392,0.7426635,0.7280153,0.096574835,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.480662+00', '2026-11-21 04:55:17.480662+00');
INSERT INTO public.vector_documents VALUES ('58b0134f-f631-55d8-84cd-ddc492655d21', 'bob', 'notes', 'Text number 2, naïve 🦊', '[0.7592274,-0.3472774,0.2382412,0.51464397,0.34913343,-0.7866113,-0.31111443,-0.15245496,0,0,0,0,0,0,0,0]', '{}', '2026-11-21 04:55:17.480662+00', '2026-11-21 04:55:17.480662+00');

INSERT INTO vector_ferry.documents VALUES (1, 'ea37e0fb-b48c-5fde-a6fe-f72dba7db97b', 0, '\xfd0ee2a9f8486851a788f3339782ebd0', false);
INSERT INTO vector_ferry.documents VALUES (1, '1d63a2e9-a880-58c6-9cd2-f65c5faffb1c', 1, '\xb686e3028b167d49682bbf4436ad6f2f', false);
INSERT INTO vector_ferry.documents VALUES (1, '22534cdb-6523-55c8-a4d0-61dd49db8e61', 2, '\x1e5d1ecc950bafc57cf23a2227b346d2', false);
INSERT INTO vector_ferry.documents VALUES (1, '5a19e205-b10a-5395-817b-1aa625239b16', 3, '\x667a4187771f869bb1338a2e1a4df299', false);
INSERT INTO vector_ferry.documents VALUES (1, '1662857f-27b4-5ed5-8fa2-b144350a7c9f', 4, '\x2623f3bbbeec57e0c8bae74c046d5652', false);
INSERT INTO vector_ferry.documents VALUES (1, '399f3c5f-02fa-566f-9a20-1aa2b25193e5', 5, '\xa087b18c92b53b9336032241462febbe', false);
INSERT INTO vector_ferry.documents VALUES (1, '5f940ae3-1092-50b4-811f-37e6b872e573', 6, '\x6599db2e7ebdb19a2135eec2c80ad79e', false);
INSERT INTO vector_ferry.documents VALUES (1, '17dd4ab5-e69b-53f6-8c0c-c11363d107a4', 7, '\xab150021e14118bd148a3c1fcd5627ed', false);
INSERT INTO vector_ferry.documents VALUES (1, 'd6705112-549e-5d8e-b004-f8addcafcad2', 8, '\xf1a785bffd29c578c7f4947a094a13d9', false);
INSERT INTO vector_ferry.documents VALUES (1, '49fb2f43-3a58-50ae-8104-41196fdf7399', 9, '\x1cc9c7d0428d9e87683e61c9782d2225', false);
INSERT INTO vector_ferry.documents VALUES (1, '09f463a3-0473-513c-bfec-aab73232cea9', 10, '\x8e5382ba77ef6c81c7c8a1f7911f3502', false);
INSERT INTO vector_ferry.documents VALUES (1, '43736f72-2262-5553-ae13-cdddc22c927b', 11, '\x04d161c98aa81a6011dbd4bc24cdc8e5', false);
INSERT INTO vector_ferry.documents VALUES (1, 'bde61380-b935-54b2-a82e-f1f85356f4ea', 12, '\xb60ce301ed924486a3197e406e49a503', false);
INSERT INTO vector_ferry.documents VALUES (1, '087fe129-55a3-5ba1-8393-42f9f735ed9b', 13, '\xc73c13e1b069720dac6016b2eef8b115', false);
INSERT INTO vector_ferry.documents VALUES (1, '8861203f-c9e3-5ee5-b154-0738b04b5c67', 14, '\x54a623a12d04f89c898e8115957bb29f', false);
INSERT INTO vector_ferry.documents VALUES (1, '08bf00f5-5116-57af-8e4e-f83bc8d2b033', 15, '\xc23489c421bc88801a19d8433dae42c6', false);
INSERT INTO vector_ferry.documents VALUES (1, '8a2c61fd-732c-5434-880a-6a084dddf36f', 16, '\x4fac8d0bf8510a7667cd9eb57c24eaaa', false);
INSERT INTO vector_ferry.documents VALUES (1, '3f52d6ee-633d-5822-a3c8-01e11f3f68ca', 17, '\x0a92778eb764e3834e51fdd5f261554f', false);
INSERT INTO vector_ferry.documents VALUES (1, '8d9f0705-6e12-5c26-bdcc-2b3fd58adb57', 18, '\x55b018f42366ee4d0b5284e1773d4a4c', false);
INSERT INTO vector_ferry.documents VALUES (1, '26740ce9-aa95-518d-a3c7-6b4e3a2f98a9', 19, '\xc33e445a917b9011a687cd6c7c1a2e7d', false);
INSERT INTO vector_ferry.documents VALUES (1, '9b862608-a183-582e-94d2-1fc54e9ac7a2', 20, '\x424e081bdfd7bb77296cff8890440d03', false);
INSERT INTO vector_ferry.documents VALUES (1, 'c13496b3-dba6-5f5c-91ac-9430d4105086', 21, '\x128bc38134a63276c2b50818a94035ad', false);
INSERT INTO vector_ferry.documents VALUES (1, '49e912bd-f2f0-59a8-8871-2a5fa5b2db02', 22, '\x8b2c7cc15cdbea32e20d2aaa09ba8426', false);
INSERT INTO vector_ferry.documents VALUES (1, '66edc8dd-3b20-565d-8f7b-e6aa7cbf486c', 23, '\x2815fccad79a549946450c1e740ffe1a', false);
INSERT INTO vector_ferry.documents VALUES (1, 'abba5c64-c674-5cdc-a55f-f6224b7d1670', 24, '\xf9257e739e1ae324b2cc77fa433280c5', false);
INSERT INTO vector_ferry.documents VALUES (1, '8d3d4204-ade8-5384-9209-07b300f12525', 25, '\x6597e2f30e22f4a65561ec6c72e5c3da', false);
INSERT INTO vector_ferry.documents VALUES (1, '51befb1e-5284-5330-994e-cb90af8d3127', 26, '\x7aa1c202afb133f587a0db2097d7e34d', false);
INSERT INTO vector_ferry.documents VALUES (1, 'e587e850-ac85-5841-bd7c-32e901319d77', 27, '\x746d5cb609426c6dcc52e400f8be14eb', false);
INSERT INTO vector_ferry.documents VALUES (1, 'a310882d-00a5-58a7-b208-93ca3406c96e', 28, '\xe86e7a4f02120e09a1e20e1b574f5598', false);
INSERT INTO vector_ferry.documents VALUES (1, '4584b08e-a009-525d-a816-1db146966559', 29, '\x167b4b5f0b344dcc16b2c0e98ca7ee38', false);
INSERT INTO vector_ferry.documents VALUES (1, '5e8a7fb5-c437-52fb-8e77-97619324e36b', 30, '\xf45e68ea3777fa20fcdddbafc39f3ae3', false);
INSERT INTO vector_ferry.documents VALUES (1, 'bb4f5da7-ae69-5c33-8fd1-88b05e29cdad', 31, '\xa74345fd8f0ae4690cf5c7ee06c40f00', false);
INSERT INTO vector_ferry.documents VALUES (1, '993ce127-bb71-50c8-83fa-3545f9fc4ddf', 32, '\x91c34f0e3f94a182fa82d4dc6af36f90', false);
INSERT INTO vector_ferry.documents VALUES (1, 'a6217478-495a-5005-a2ed-5018dde15f49', 33, '\x78c741cf15e5bb422ffff13bb0220d3c', false);
INSERT INTO vector_ferry.documents VALUES (1, '18c11ae6-9420-576d-b81b-be933aa9d16a', 34, '\x9f13b1c0b1b89c732ff5a80923e914dd', false);
INSERT INTO vector_ferry.documents VALUES (1, '51c56bc5-4945-5f50-b0ca-9278d17ba43a', 35, '\xd59f0f112b60aacab253d85ef94460cb', false);
INSERT INTO vector_ferry.documents VALUES (1, '23f8fcf5-1789-5c80-bd66-d4cb645de165', 36, '\x258c51481731a9d89282a6bb5b255670', false);
INSERT INTO vector_ferry.documents VALUES (1, '2607ac19-eafe-55c2-999e-fcc64ead65d9', 37, '\x419bfd6dccb621a8ea234b27d5fdc4a6', false);
INSERT INTO vector_ferry.documents VALUES (1, '3a7441c4-380e-5a90-82e1-19791f9f05a1', 38, '\xc45d73bfe10c0a0e430304ab9b0717cf', false);
INSERT INTO vector_ferry.documents VALUES (1, 'a80a16a5-2f92-5f87-8313-33efdae86bf8', 39, '\xee5c7047c1449bb783cf2539d09cfb1e', false);
INSERT INTO vector_ferry.documents VALUES (2, 'aded02e6-a23c-593c-82aa-f8a4da65408b', 0, '\x1cae1826de8072cf37bb6dd5c6496f4b', false);
INSERT INTO vector_ferry.documents VALUES (2, '5a5f743d-f3b5-56ca-a2b2-7c2aeecd626c', 1, '\x33ff195908d046022b2ce470fd16ae7e', false);
INSERT INTO vector_ferry.documents VALUES (2, '2e564688-19c5-5547-b1c7-8c213c754b37', 2, '\x535d5ce062e95e536570fd032003ce9a', false);
INSERT INTO vector_ferry.documents VALUES (2, 'a2e033ce-e178-5ba2-88fc-b6d423527085', 3, '\x7e442c14e0760f3fc43e5c98853d04b1', false);
INSERT INTO vector_ferry.documents VALUES (2, '9be8f15e-fd53-592e-be18-c138c17bd5bc', 4, '\xa06a18baac225fa7dfb702ec22b5543e', false);
INSERT INTO vector_ferry.documents VALUES (3, '7c0b9b5e-ff65-5da9-93af-5b284663f0d5', 0, '\x9783ed180a802ce84eee256d35a0cfa1', false);
INSERT INTO vector_ferry.documents VALUES (3, '1c1a4ac0-506c-5725-9901-dba78efa41a0', 1, '\xda364ae30c356db66790545c174c1662', false);
INSERT INTO vector_ferry.documents VALUES (3, '58b0134f-f631-55d8-84cd-ddc492655d21', 2, '\x3e4811b930eeb9f69c190faa4e0a8c8c', false);

INSERT INTO vector_ferry.projection_components VALUES (1, 0, 0.991427083443161, '[0.12925808,-0.20601447,-0.23790978,-0.20951281,-0.030273339,0.080272,-0.32930002,-0.07021527,0.053799465,0.3425476,-0.18399799,0.11522614,0.19235194,0.339028,0.15911254,-0.22710188,-0.22079837,0.040783446,0.12749013,-0.305666,-0.1932421,0.15319495,0.15158047,-0.28202763]');
INSERT INTO vector_ferry.projection_components VALUES (1, 1, 0.8181685243553304, '[0.059291705,-0.15580334,0.36417425,-0.16934651,0.077096544,0.20629556,-0.122199856,-0.12922299,0.092259035,0.058745544,0.3686711,0.20699826,0.3120752,0.30216712,-0.25145078,0.046443984,0.21470161,-0.22100796,0.31317943,0.1552172,-0.028980194,-0.027417976,-0.14495803,0.21504945]');
INSERT INTO vector_ferry.projection_components VALUES (1, 2, 0.6646463022377278, '[0.1532631,0.040009394,0.024628546,0.38949645,-0.19421759,0.19126865,0.1551351,0.006241378,-0.31497338,0.078126475,0.09952171,-0.30490217,0.2077834,-0.07922933,0.046647437,-0.03788799,0.06422503,0.16380057,0.23979671,0.058699843,-0.31879336,0.37555385,-0.3207355,-0.15967546]');
INSERT INTO vector_ferry.projection_components VALUES (1, 3, 0.6544316571110593, '[-0.08221555,0.11783539,0.05327571,-0.03589066,0.2534002,0.097549014,0.3115505,0.2605615,0.18502197,0.099362016,-0.22746931,-0.11551073,-0.067845576,-0.006129768,-0.107106805,0.29837555,0.04656259,-0.1418592,0.53076833,-0.269173,0.23370707,0.20508096,0.15564118,-0.15764351]');
INSERT INTO vector_ferry.projection_components VALUES (1, 4, 0.6117216877596838, '[0.18245332,0.062044866,-0.22855969,-0.08257158,0.26260528,-0.37253323,0.03032916,-0.031886425,-0.2788199,0.05325027,0.39005402,-0.2638701,-0.087934375,-0.0023346178,-0.2818233,-0.22561067,0.13100435,-0.19503102,0.05480713,-0.37044105,-0.017790547,-0.20489833,-0.07319613,-0.103098154]');
INSERT INTO vector_ferry.projection_components VALUES (1, 5, 0.5866614452494686, '[0.60372746,0.043250564,0.3444375,-0.11272767,0.0064077214,-0.0089270845,0.24602443,-0.33345765,0.0885713,-0.115388215,-0.05637379,-0.12359045,0.16098934,-0.062075198,0.19631635,-0.19156322,-0.020067124,0.1473809,-0.051574867,-0.0629484,0.35541567,0.0016884309,0.15407787,-0.08382264]');
INSERT INTO vector_ferry.projection_components VALUES (1, 6, 0.5355770035046031, '[-0.018224759,0.08443005,0.08385096,0.119141854,0.24379537,-0.26309702,-0.025730524,0.19498567,0.21428654,-0.022910146,-0.085521854,-0.19799078,0.115923375,-0.016418949,0.17090198,-0.39019945,0.032637283,0.109303065,0.24684697,0.13884467,-0.34568122,-0.013630612,0.30859497,0.4557536]');
INSERT INTO vector_ferry.projection_components VALUES (1, 7, 0.4271017193514213, '[0.07453893,-0.23023814,0.19163856,0.007221391,0.34582722,0.064925976,-0.041293744,0.38887972,0.14888208,0.15318596,0.21251258,0.14427046,-0.036535777,-0.19687748,0.42587152,0.011757608,0.30580935,0.018360022,-0.30021828,-0.20148097,-0.046358086,0.10861997,-0.2122895,-0.10539624]');
INSERT INTO vector_ferry.projection_components VALUES (1, 8, 0.3864101762839297, '[-0.03938674,0.23433997,-0.29484048,-0.062423997,0.22144105,0.38653946,-0.2741605,-0.119561575,0.026544234,-0.09819133,0.09695302,0.15522592,-0.19977137,-0.23703565,-0.03953698,-0.35743538,0.22060558,0.29738772,0.24522728,0.14724797,0.25298816,0.08731347,-0.04363818,-0.055529624]');
INSERT INTO vector_ferry.projection_components VALUES (1, 9, 0.3734705925568736, '[0.034095034,0.25424004,0.30829668,0.25572357,-0.11910361,-0.032013103,-0.2307092,0.26046535,-0.14835636,0.28282794,0.048596624,0.19560845,0.15459485,-0.05780432,-0.29090813,0.08394611,-0.000720123,0.44682652,-0.029672401,-0.21648233,0.095045224,-0.25952813,0.22418708,-0.043473553]');
INSERT INTO vector_ferry.projection_components VALUES (1, 10, 0.338224267343529, '[0.28897762,0.17987724,0.07259763,-0.2088555,-0.25113967,-0.18690051,0.10118044,0.4279924,-0.048395015,0.16829811,0.14061274,0.19949484,-0.37189147,0.16507947,-0.045435425,-0.19386652,-0.09764923,-0.104377076,0.046229165,0.3950905,0.032465026,0.22634608,0.01926342,-0.13063861]');
INSERT INTO vector_ferry.projection_components VALUES (1, 11, 0.2984781633998129, '[0.002545113,0.0852102,0.03469637,-0.14105192,-0.16696052,0.16678926,-0.03608712,0.12729804,-0.45658773,0.0122192325,-0.30285534,0.005767243,-0.029341474,0.13087434,0.06377987,-0.15087296,0.2560902,-0.15943097,-0.11967162,-0.3058282,0.19707002,0.20347053,-0.036765058,0.52229756]');
INSERT INTO vector_ferry.projection_components VALUES (1, 12, 0.2726952106741519, '[-0.1703384,-0.14650309,0.09925736,-0.04458259,-0.23548126,-0.14617029,-0.09249415,-0.31405655,0.16560867,0.616016,0.054740366,-0.20542687,-0.1415519,-0.397834,-0.07884038,-0.035905786,0.14463739,-0.101946816,-0.014733352,0.05545095,0.119703226,0.20907903,0.104136296,0.11078557]');
INSERT INTO vector_ferry.projection_components VALUES (1, 13, 0.243738222192303, '[0.073870815,-0.272802,0.097432755,0.21209747,0.115998566,-0.048866548,-0.077745944,-0.15457818,-0.23589975,0.01043867,-0.24651642,-0.051842734,-0.3375858,0.2954171,0.02922932,0.10223658,0.52482575,0.04818442,0.04383129,0.22640523,-0.0845359,-0.13470787,0.27945858,-0.23188259]');
INSERT INTO vector_ferry.projection_components VALUES (1, 14, 0.21459575863297317, '[0.01783613,0.53032804,0.11937655,-0.117551915,0.14097477,-0.28267837,-0.39101696,-0.14123748,0.16040713,-0.11032208,-0.14669575,-0.13040027,0.100124516,0.13473262,-0.060281463,0.22349903,0.19112846,-0.02944579,-0.20308653,0.024751807,-0.100789435,0.36187348,-0.15029773,-0.12883556]');
INSERT INTO vector_ferry.projection_components VALUES (1, 15, 0.17292470963921655, '[0.28991356,-0.17946927,-0.011045731,0.031281766,0.24184811,-0.3046789,-0.04515659,-0.1305338,-0.1922622,0.019362114,-0.34152153,0.47459218,-0.024923682,-0.36389217,-0.15025786,0.12709703,-0.13689046,0.0026901509,0.19596173,0.0371333,-0.124143,0.08863548,-0.24281499,0.14319684]');
INSERT INTO vector_ferry.projection_components VALUES (2, 0, 2.467394709560146, '[0.2515424,-0.08001058,-0.0015807275,0.4449537,0.1858719,-0.12702118,-0.25863293,0.104063444,-0.08465622,-0.050107315,-0.214223,0.18535206,-0.2813326,0.12542541,0.0060139243,0.1469892,-0.23744483,-0.075354,0.22199023,0.16247495,0.06451449,-0.391436,0.1111132,-0.30003867]');
INSERT INTO vector_ferry.projection_components VALUES (2, 1, 2.287387381580945, '[0.12736754,-0.16132332,-0.21069133,-0.14631683,-0.19923969,-0.28634527,0.19803402,0.09184425,-0.007529051,-0.08177631,-0.31665933,-0.32788095,0.29830995,-0.1325981,0.276026,0.4808345,0.025384538,0.13996027,-0.0128730135,0.04328719,-0.024383895,-0.06310668,0.21373211,-0.14694332]');
INSERT INTO vector_ferry.projection_components VALUES (2, 2, 1.9610274233838978, '[-0.16946135,-0.28658482,0.34475893,0.056570012,-0.0939898,-0.02290661,0.078289494,-0.14255986,0.3779499,-0.14405462,0.19229352,-0.1108582,-0.20593862,-0.1994765,-0.027353507,0.16320612,-0.32217664,0.0788197,0.19492769,-0.121527016,0.4358245,0.18317863,0.1480783,-0.025118528]');
INSERT INTO vector_ferry.projection_components VALUES (2, 3, 1.3334764378522461, '[-0.066172294,0.06433223,-0.03051954,0.36431313,0.022753192,-0.034849912,0.34875983,0.050276466,-0.19206968,0.19036752,0.12246913,-0.05543403,-0.25907284,0.08910403,0.33780968,0.31576023,-0.08474176,-0.33725214,-0.055314,0.033453256,-0.10169665,0.37929747,-0.25956142,0.071927465]');
INSERT INTO vector_ferry.projection_components VALUES (2, 4, 0.49839851407367575, '[-0.06843486,-0.35512584,-0.12881875,0.1518381,0.11482483,0.10984045,0.29693162,0.11593004,-0.37552607,0.21118133,0.12404146,-0.1196644,0.12977862,-0.09232403,-0.1323756,-0.36890033,0.03524265,-0.09636538,-0.02871938,-0.051391557,0.15588482,0.0789405,0.38100922,-0.3445304]');

INSERT INTO vector_ferry.projections VALUES (1, 'uncentered', 24, 16, 16, 40, 8.236449193954467, false, NULL, NULL, NULL, 0.915, 0.17510858178138733, 40);
INSERT INTO vector_ferry.projections VALUES (2, 'uncentered', 24, 16, 5, 5, 8.547684030308298, true, 15, 14, NULL, 1, 2.384185791015625e-07, 5);

INSERT INTO vector_ferry.runs VALUES ('80f18846-c8ec-4120-9dc5-a1d69f230aae', '2026-11-21 04:55:17.409223+00', '2026-11-21 04:55:17.486544+00', 'example-host', 8490, '0.1.0');

INSERT INTO vector_ferry.stores OVERRIDING SYSTEM VALUE VALUES (1, 'public.vector_documents', 'ann', 'large', '80f18846-c8ec-4120-9dc5-a1d69f230aae', 'user_data/ann/vector_store_large', '\x2080c23a6f982d3f73b23a3f7f7693c901e0ea660d30a89b1fdcae0825cae537', 'dimensions=16 projection=uncentered', 40, 24, 16, '\x42429d2b0f89fd455a8f2c323b3fbe1a', 'migrated', '2026-11-21 04:55:17.441337+00');
INSERT INTO vector_ferry.stores OVERRIDING SYSTEM VALUE VALUES (2, 'public.vector_documents', 'ann', 'notes', '80f18846-c8ec-4120-9dc5-a1d69f230aae', 'user_data/ann/vector_store_notes', '\xa43bb9717d35b1645a729cbd0f364a4af383144da6e601a0de092cf599d9f65e', 'dimensions=16 projection=uncentered', 5, 24, 16, '\xc2b8d32fd6d2860c6c4eaece8b564552', 'migrated', '2026-11-21 04:55:17.471331+00');
INSERT INTO vector_ferry.stores OVERRIDING SYSTEM VALUE VALUES (3, 'public.vector_documents', 'bob', 'notes', '80f18846-c8ec-4120-9dc5-a1d69f230aae', 'user_data/bob/vector_store_notes', '\xef0bdf9482ddba1545bcb2003a3d35a24a212eb6ecf3ee1e48fc8b2d75005a83', 'dimensions=16', 3, 8, 16, '\xb00249b447a45495529789739af7728f', 'migrated', '2026-11-21 04:55:17.480662+00');

INSERT INTO vector_ferry.version VALUES (1, '2026-11-21 04:55:17.384202+00');

SELECT pg_catalog.setval('vector_ferry.stores_id_seq', 3, true);

ALTER TABLE ONLY public.vector_documents
    ADD CONSTRAINT vector_documents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vector_ferry.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (store_id, document_id);

ALTER TABLE ONLY vector_ferry.projection_components
    ADD CONSTRAINT projection_components_pkey PRIMARY KEY (store_id, number);

ALTER TABLE ONLY vector_ferry.projections
    ADD CONSTRAINT projections_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY vector_ferry.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vector_ferry.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (id);

ALTER TABLE ONLY vector_ferry.stores
    ADD CONSTRAINT stores_user_id_collection_name_table_name_key UNIQUE (user_id, collection_name, table_name);

ALTER TABLE ONLY vector_ferry.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (number);

CREATE INDEX vector_documents_metadata_idx ON public.vector_documents USING gin (metadata);

CREATE INDEX vector_documents_user_collection_idx ON public.vector_documents USING btree (user_id, collection_name);

CREATE TRIGGER vector_documents_updated_at BEFORE UPDATE ON public.vector_documents FOR EACH ROW EXECUTE FUNCTION public.vector_documents_touch_updated_at();

ALTER TABLE ONLY vector_ferry.documents
    ADD CONSTRAINT documents_store_id_fkey FOREIGN KEY (store_id) REFERENCES vector_ferry.stores(id) ON DELETE CASCADE;

ALTER TABLE ONLY vector_ferry.projection_components
    ADD CONSTRAINT projection_components_store_id_fkey FOREIGN KEY (store_id) REFERENCES vector_ferry.projections(store_id) ON DELETE CASCADE;

ALTER TABLE ONLY vector_ferry.projections
    ADD CONSTRAINT projections_store_id_fkey FOREIGN KEY (store_id) REFERENCES vector_ferry.stores(id) ON DELETE CASCADE;

ALTER TABLE ONLY vector_ferry.stores
    ADD CONSTRAINT stores_run_id_fkey FOREIGN KEY (run_id) REFERENCES vector_ferry.runs(id);
