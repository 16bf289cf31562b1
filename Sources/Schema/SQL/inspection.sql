-- Counts the rows of a table of embeddings that have none.
-- query embeddings(table: SQL)
SELECT count(*) FROM :table WHERE embedding IS NULL;

-- Finds out whether a table has an index of pgvector.
-- query hasVectorIndex(table: String)
SELECT EXISTS (
  SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
  WHERE i.indrelid = to_regclass(:'table') AND a.amname IN ('hnsw', 'ivfflat'));

-- Lists the IVFFlat indexes of a table over a column as it is: the index, the column, the operator
-- that it serves, the number of its lists, and the operator class.
-- query clusterIndexes(table: String)
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(f.attname), o.oprname::text,
       coalesce((SELECT substr(p, 7)::int FROM unnest(c.reloptions) p WHERE p LIKE 'lists=%'), 100),
       format('%I.%I', m.nspname, k.opcname)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am a ON a.oid = c.relam AND a.amname = 'ivfflat'
JOIN pg_attribute f ON f.attrelid = i.indrelid AND f.attnum = i.indkey[0]
JOIN pg_opclass k ON k.oid = i.indclass[0] JOIN pg_namespace m ON m.oid = k.opcnamespace
JOIN pg_amop x ON x.amopfamily = k.opcfamily AND x.amoppurpose = 'o'
JOIN pg_operator o ON o.oid = x.amopopr
WHERE i.indrelid = to_regclass(:'table') AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] > 0;

-- Finds the rows nearest to vectors of the table itself, with the plan that the settings choose:
-- for each vector, the places of its nearest rows.
-- query nearest(table: SQL, column: SQL, operation: SQL, probes: Int, wanted: Int)
SELECT p.place, string_agg(f.place, ' ' ORDER BY f.place)
FROM (SELECT t.ctid::text AS place, t.:column AS v FROM :table t WHERE t.:column IS NOT NULL
      ORDER BY md5(t.ctid::text) LIMIT :'probes') p
CROSS JOIN LATERAL (
  SELECT n.ctid::text AS place FROM :table n ORDER BY n.:column :operation p.v LIMIT :'wanted') f
GROUP BY 1 ORDER BY 1;

-- Finds the schema that pgvector is in.
-- query vectorSchema
SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'vector';
