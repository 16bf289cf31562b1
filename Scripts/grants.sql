-- What a migration role needs, and nothing more (docs/SECURITY.md). Run by an administrator or by
-- the owner of the objects, before the first run and again after the table was made by others:
--
--   psql -v role=ferry -v schema=public -v table=vector_documents -d app -f Scripts/grants.sql
--
-- The role itself is made by hand, so that its password stands in no file:
--
--   CREATE ROLE ferry LOGIN; \password ferry
\set ON_ERROR_STOP on
\if :{?role}
\else
  \warn 'name the migration role: -v role=NAME'
  \quit 1
\endif
\if :{?schema}
\else
  \set schema public
\endif
\if :{?table}
\else
  \set table vector_documents
\endif

BEGIN;

-- The extension is the administrator's; a role without rights on the server cannot bring it in.
CREATE EXTENSION IF NOT EXISTS vector;

-- CREATE is for the schema vector_ferry, which the first run makes and the role then owns.
-- TEMPORARY is for rows that are changed where they stand, and where row-level security forbids COPY.
SELECT format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), :'role')
\gexec

GRANT USAGE ON SCHEMA :"schema" TO :"role";

-- `doctor` looks at long transactions of other roles and at the disk of a server on its own machine.
-- Who may not grant this leaves it to an administrator: doctor prints the statements, runs go on.
SELECT rolsuper OR (pg_has_role('pg_read_all_stats', 'MEMBER WITH ADMIN OPTION')
                    AND pg_has_role('pg_read_all_settings', 'MEMBER WITH ADMIN OPTION')) AS may_show
FROM pg_roles WHERE rolname = current_user \gset
\if :may_show
  GRANT pg_read_all_stats, pg_read_all_settings TO :"role";
\endif

-- A table that is there already stays its owner's; where there is none, the role makes it.
SELECT to_regclass(format('%I.%I', :'schema', :'table')) IS NOT NULL AS table_exists \gset
\if :table_exists
  -- UPDATE is for rows of an earlier run, and vectors that get the coordinates of a new projection.
  GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".:"table" TO :"role";
\else
  GRANT CREATE ON SCHEMA :"schema" TO :"role";
\endif

-- A ledger that another role made.
SELECT to_regnamespace('vector_ferry') IS NOT NULL AS ledger_exists \gset
\if :ledger_exists
  GRANT USAGE ON SCHEMA vector_ferry TO :"role";
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO :"role";
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA vector_ferry TO :"role";
\endif

-- The application that only searches and writes its own documents: -v app_role=NAME.
\if :{?app_role}
  GRANT USAGE ON SCHEMA :"schema" TO :"app_role";
  \if :table_exists
    GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".:"table" TO :"app_role";
  \endif
  \if :ledger_exists
    -- What the search functions read, and the view of collections; `version` is for the program's
    -- own `search`. Nothing of it is written by searching.
    GRANT USAGE ON SCHEMA vector_ferry TO :"app_role";
    GRANT SELECT ON vector_ferry.stores, vector_ferry.documents, vector_ferry.projections,
                    vector_ferry.projection_components, vector_ferry.version TO :"app_role";
    SELECT to_regclass('vector_ferry.originals') IS NOT NULL AS originals_exist,
           to_regclass('vector_ferry.dimension_changes') IS NOT NULL AS changes_exist,
           to_regclass('vector_ferry.vector_search_stats') IS NOT NULL AS stats_exist \gset
    \if :stats_exist
      GRANT SELECT ON vector_ferry.vector_search_stats TO :"app_role";
      GRANT SELECT, INSERT ON vector_ferry.search_performance_metrics TO :"app_role";
    \endif
    -- upsert_document keeps the unreduced vector where its collection does.
    \if :originals_exist
      GRANT SELECT, INSERT, UPDATE ON vector_ferry.originals TO :"app_role";
    \endif
    \if :changes_exist
      GRANT SELECT ON vector_ferry.dimension_changes TO :"app_role";
    \endif
  \endif
\endif

COMMIT;
