-- verify:structure every table is there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['forums', 'topics', 'posts', 'topic_vectors', 'post_vectors',
  'content_evaluations']) name;

-- verify:structure vector columns have their dimensions
SELECT a.atttypmod = 1536, pg_catalog.format('%s.%s has %s', v.t, v.c, a.atttypmod)
FROM (VALUES ('topic_vectors', 'content_vector'), ('topic_vectors', 'combined_vector'),
             ('post_vectors', 'content_vector')) v (t, c)
LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(v.t)::oid AND a.attname = v.c;

-- verify:integrity evaluations belong to a topic or post that is there
SELECT count(*) = 0, count(*)::text || ' evaluations without their content'
FROM content_evaluations e
WHERE NOT EXISTS (SELECT FROM topics t WHERE e.content_type::text = 'topic' AND t.id = e.content_id)
  AND NOT EXISTS (SELECT FROM posts p WHERE e.content_type::text = 'post' AND p.id = e.content_id);

-- verify:performance search one vector
SELECT true, count(*)::text || ' topics found' FROM (
  SELECT id FROM topic_vectors
  ORDER BY combined_vector <=> pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector LIMIT 5) found;
