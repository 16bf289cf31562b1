-- migrate:up
-- Each policy only where its role exists: Supabase has both roles, a plain server has neither.
-- Without a policy a role sees no row at all, so that row-level security stays off where neither
-- role exists, unless the setting vector_ferry.row_level_security asks for it.
DO $$
DECLARE
  name text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN ('service_role', 'authenticated'))
    AND lower(coalesce(pg_catalog.current_setting('vector_ferry.row_level_security', true), ''))
      NOT IN ('on', 'true', 'yes', '1')
  THEN
    RAISE NOTICE 'row-level security stays off: neither service_role nor authenticated exists, and without their policies other roles would see no row'
      USING HINT = 'ALTER DATABASE … SET vector_ferry.row_level_security = on enables it all the same';
    RETURN;
  END IF;
  FOREACH name IN ARRAY ARRAY[
    'code_embeddings', 'code_patterns', 'code_relationships', 'embedding_cache_stats']
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR ALL TO service_role USING (true) WITH CHECK (true)',
        name || '_service', name);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR SELECT TO authenticated USING (true)',
        name || '_read', name);
      EXECUTE pg_catalog.format('CREATE POLICY %I ON %I FOR INSERT TO authenticated WITH CHECK (true)',
        name || '_insert', name);
      EXECUTE pg_catalog.format(
        'CREATE POLICY %I ON %I FOR UPDATE TO authenticated USING (true) WITH CHECK (true)',
        name || '_update', name);
    END IF;
  END LOOP;
END
$$;

-- migrate:down
DO $$
DECLARE
  policy record;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'code_embeddings', 'code_patterns', 'code_relationships', 'embedding_cache_stats']
  LOOP
    FOR policy IN
      SELECT polname FROM pg_policy WHERE polrelid = name::regclass::oid
        AND polname IN (name || '_service', name || '_read', name || '_insert', name || '_update')
    LOOP
      EXECUTE pg_catalog.format('DROP POLICY %I ON %I', policy.polname, name);
    END LOOP;
    EXECUTE pg_catalog.format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;
