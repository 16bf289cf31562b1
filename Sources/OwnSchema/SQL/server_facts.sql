-- Checks whether the role may create the extension: as a superuser, because the extension is
-- trusted, or because a hosting service allows it.
-- query mayCreateVector
SELECT r.rolsuper OR EXISTS (
    SELECT FROM pg_available_extension_versions v JOIN pg_available_extensions a
      ON a.name = v.name AND a.default_version = v.version
    WHERE v.name = 'vector' AND (v.trusted OR NOT v.superuser)
      AND has_database_privilege(current_database(), 'CREATE'))
  OR EXISTS (
    SELECT FROM pg_roles p
    WHERE p.rolname IN ('rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser',
                        'azure_pg_admin', 'neon_superuser')
      AND pg_has_role(p.oid, 'USAGE'))
  OR coalesce(current_setting('supautils.privileged_extensions', true), '') LIKE '%vector%'
FROM pg_roles r WHERE r.rolname = current_user;

-- Reads the facts about the server, the database and the role that decide whether a run is
-- possible.
-- query facts(home: String?)
SELECT current_database()::text,
       pg_encoding_to_char(d.encoding)::text,
       current_user::text,
       e.extversion,
       n.nspname::text,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'),
       has_database_privilege(d.oid, 'CREATE'),
       coalesce(has_schema_privilege(
         (SELECT h.oid FROM pg_namespace h WHERE h.nspname = :'home'), 'CREATE'), false),
       pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
FROM pg_database d
LEFT JOIN pg_extension e ON e.extname = 'vector'
LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE d.datname = current_database();
