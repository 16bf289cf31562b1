-- Lists the permanent tables of a database, without those that belong to an extension.
-- query tables
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";

-- Lists the roles that own objects in the database or have rights on objects.
-- query roles(schemas: SQL)
SELECT rolname::text FROM pg_roles r
WHERE r.oid IN (
    SELECT d.refobjid FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass
      AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
  OR r.oid = 10 AND (
    EXISTS (SELECT FROM pg_class WHERE relowner = 10 AND relnamespace IN (:schemas))
    OR EXISTS (SELECT FROM pg_proc WHERE proowner = 10 AND pronamespace IN (:schemas)))
ORDER BY rolname COLLATE "C";

-- Adds up the sizes of the tables that a dump contains.
-- query size
SELECT sum(pg_table_size(c.oid))::int8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';

-- Reads the settings that sessions of a database begin with, for all roles and for single ones.
-- query settings(database: String)
SELECT split_part(c, '=', 1), substr(c, strpos(c, '=') + 1), r.rolname::text
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = :'database')
  AND (s.setrole = 0 OR r.oid IS NOT NULL)
ORDER BY 3 NULLS FIRST, 1;

-- Reads the rights to a database that roles and PUBLIC have.
-- query rights(database: String)
SELECT a.privilege_type, r.rolname::text, a.is_grantable
FROM pg_database d CROSS JOIN aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = :'database' AND (a.grantee = 0 OR r.oid IS NOT NULL)
  AND a.privilege_type IN ('CREATE', 'CONNECT', 'TEMPORARY');

-- Lists the databases whose names begin with a prefix and in which no client has a session.
-- query leftDatabases(prefix: String)
SELECT datname::text FROM pg_database d
WHERE starts_with(datname::text, :'prefix')
  AND NOT EXISTS (
    SELECT FROM pg_stat_activity a
    WHERE a.datid = d.oid AND a.backend_type = 'client backend')
ORDER BY datname;
