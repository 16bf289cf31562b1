// Written by Scripts/embed-sets.py from Sources/Schema/SQL/object_definitions.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of object_definitions.sql.
enum ObjectDefinitionsQueries {
  /// Computes a digest of each definition, as the catalogue stores it.
  static let digests: SQL = #"""
SELECT 'pg_constraint'::regclass::oid::bigint, c.oid::bigint, 'definition'::text,
       md5(concat_ws('|', contype, condeferrable, condeferred, convalidated, confupdtype,
         confdeltype, confmatchtype, conkey::text, confkey::text, confrelid, conbin::text)),
       NULL::text
FROM pg_constraint c WHERE c.oid >= 16384 AND c.contype NOT IN ('t', 'n')
UNION ALL
SELECT 'pg_trigger'::regclass::oid, t.oid, 'definition',
       md5(concat_ws('|', tgfoid, tgtype, tgdeferrable, tginitdeferred, tgattr::text,
         encode(tgargs, 'hex'), tgqual::text, tgoldtable, tgnewtable)), NULL
FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL
SELECT 'pg_policy'::regclass::oid, p.oid, 'definition',
       md5(concat_ws('|', polcmd, polpermissive, polroles::text, polqual::text, ' ',
         polwithcheck::text)), NULL
FROM pg_policy p
UNION ALL
SELECT 'pg_rewrite'::regclass::oid, r.oid, 'definition',
       md5(concat_ws('|', ev_type, is_instead, ev_qual::text, ev_action::text)), NULL
FROM pg_rewrite r WHERE r.oid >= 16384 AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'pg_class'::regclass::oid, c.oid, 'view', md5(r.ev_action::text),
       format('view %I.%I', n.nspname, c.relname)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND r.rulename = '_RETURN' AND c.relkind = 'v'
UNION ALL
SELECT 'pg_proc'::regclass::oid, f.oid, 'security',
       md5(concat_ws('|', prosecdef, proleakproof, proconfig::text)), NULL
FROM pg_proc f WHERE f.oid >= 16384
UNION ALL
SELECT 'pg_proc'::regclass::oid, f.oid, 'body',
       md5(concat_ws('|', prolang, provolatile, proisstrict, prorettype, prosrc, probin,
         to_jsonb(f) ->> 'prosqlbody')), NULL
FROM pg_proc f WHERE f.oid >= 16384 AND f.prokind <> 'a'
UNION ALL
SELECT 'pg_class'::regclass::oid, c.oid, CASE WHEN x.indisunique THEN 'unique' ELSE 'index' END,
       md5(concat_ws('|', c.relam, x.indkey::text, x.indnkeyatts, x.indclass::text,
         x.indcollation::text, x.indoption::text, x.indexprs::text, ' ', x.indpred::text,
         to_jsonb(x) ->> 'indnullsnotdistinct')), format('index %I.%I', n.nspname, c.relname)
FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = x.indrelid)
UNION ALL
SELECT 'pg_class'::regclass::oid, c.oid, p.property, md5(p.text),
       format('sequence %I.%I', n.nspname, c.relname)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL (VALUES
  ('numbering', concat_ws('|', seqcycle, sign(seqincrement))),
  ('sequence', concat_ws('|', seqtypid, seqincrement, seqmin, seqmax, seqstart, seqcache))
) AS p(property, text)
WHERE c.relpersistence <> 't'
UNION ALL
SELECT 'pg_authid'::regclass::oid, r.oid, 'limits',
       md5(concat_ws('|', rolconnlimit, rolvaliduntil)), format('role %I', rolname)
FROM pg_roles r WHERE rolname !~ '^pg_'
UNION ALL
SELECT 'pg_database'::regclass::oid, d.oid, 'connections',
       md5(concat_ws('|', datallowconn, datconnlimit)), format('database %I', datname)
FROM pg_database d WHERE datname = current_database()
UNION ALL
SELECT 'pg_publication'::regclass::oid, p.oid, 'operations',
       md5(concat_ws('|', pubinsert, pubupdate, pubdelete, pubtruncate, puballtables,
         to_jsonb(p) ->> 'pubviaroot')), NULL
FROM pg_publication p
UNION ALL
SELECT 'pg_publication_rel'::regclass::oid, p.oid, 'published',
       md5(concat_ws('|', to_jsonb(p) ->> 'prattrs', ' ', to_jsonb(p) ->> 'prqual')), NULL
FROM pg_publication_rel p
UNION ALL
SELECT 'pg_proc'::regclass::oid, 0, 'closed', coalesce(md5(string_agg(f.oid::text, ','
         ORDER BY f.oid)), 'none'), 'functions of the server from PUBLIC'
FROM pg_proc f WHERE f.oid < 16384 AND f.proacl IS NOT NULL AND NOT EXISTS (
  SELECT FROM aclexplode(f.proacl) g WHERE g.grantee = 0)
"""#

  /// Writes out the definition of a sequence.
  static func sequence(object: SQL) -> SQL {
#"""
SELECT format('AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
  seqtypid::regtype, seqincrement, seqmin, seqmax, seqstart, seqcache,
  CASE WHEN seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
FROM pg_sequence WHERE seqrelid = \#(object)
"""#
  }

  /// Writes out the operations that a publication publishes.
  static func publication(object: SQL) -> SQL {
#"""
SELECT concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN
  'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN
  'truncate' END, CASE WHEN puballtables THEN 'of all tables' END)
FROM pg_publication WHERE oid = \#(object)
"""#
  }

  /// Writes out the definition of a constraint, trigger, rule or policy.
  static func constraintOrCode(object: SQL, catalog: Int) -> SQL {
#"""
SELECT coalesce(
  (SELECT pg_get_constraintdef(oid) FROM pg_constraint
   WHERE oid = \#(object) AND tableoid = \#(catalog)::bigint::oid),
  (SELECT pg_get_triggerdef(oid) FROM pg_trigger
   WHERE oid = \#(object) AND tableoid = \#(catalog)::bigint::oid),
  (SELECT pg_get_ruledef(oid) FROM pg_rewrite
   WHERE oid = \#(object) AND tableoid = \#(catalog)::bigint::oid),
  (SELECT concat_ws(' ', CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
     'FOR', polcmd, 'TO', (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE
       r::regrole::text END, ', ' ORDER BY r) FROM unnest(polroles) AS a(r)),
     'USING', pg_get_expr(polqual, polrelid), 'CHECK', pg_get_expr(polwithcheck, polrelid))
   FROM pg_policy WHERE oid = \#(object) AND tableoid = \#(catalog)::bigint::oid))
"""#
  }

  /// Computes the digest of an option, such as that of a foreign server or of a user mapping.
  static func optionDigest(
    list: SQL,
    options: SQL,
    number: SQL,
    object: Int,
    holder: Literal,
    catalog: Int,
    property: Literal
  ) -> SQL {
#"""
SELECT md5(o.text) FROM \#(list) h, unnest(h.\#(options)) AS o(text)
WHERE h.\#(number) = \#(object)::bigint::oid
  AND \#(holder)::regclass = \#(catalog)::bigint::oid
  AND 'option ' || split_part(o.text, '=', 1) = \#(property)
"""#
  }
}
