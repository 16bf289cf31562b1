// Written by Scripts/embed-sets.py from Sources/Schema/SQL/object_catalog.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of object_catalog.sql.
enum ObjectCatalogQueries {
  /// Lists the relations: tables, views, sequences, indexes and composite types.
  static func relations(range: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid::bigint, c.oid::bigint, 0, ''::text, i.type::text,
       i.identity::text, NULL::bigint, NULL::bigint, NULL::int,
       coalesce(pg_relation_filenode(c.oid), 0)::bigint, c.relkind::text
FROM pg_class c, pg_identify_object('pg_class'::regclass, c.oid, 0) i
WHERE c.oid \#(range) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I', 'c')
  AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_toast'::regnamespace
  AND NOT EXISTS (
    SELECT FROM pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid)
"""#
  }

  /// True where the relation `c` is logged; a sequence of an UNLOGGED table counts as logged.
  static let isLogged: SQL = #"""
(c.relpersistence = 'p' AND c.relkind = 'r' OR c.relkind = 'S' AND (
  c.relpersistence = 'p' OR EXISTS (
    SELECT FROM pg_depend w JOIN pg_class v ON v.oid = w.refobjid
    WHERE w.classid = 'pg_class'::regclass AND w.objid = c.oid
      AND w.refclassid = 'pg_class'::regclass AND w.deptype IN ('a', 'i')
      AND v.relpersistence = 'u')))
"""#

  /// Lists the safety options of views.
  static func viewOptions(range: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid, c.oid, 0, 'option ' || o.name, 'option',
       format('%s=true of %I.%I', o.name, n.nspname, c.relname),
       'pg_class'::regclass::oid, c.oid, 0, 0, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT split_part(u.option, '=', 1), split_part(u.option, '=', 2)
  FROM unnest(c.reloptions) AS u(option)) AS o(name, setting)
WHERE c.oid \#(range) AND c.relkind = 'v' AND CASE
  WHEN o.name IN ('security_barrier', 'security_invoker') THEN o.setting::bool END
"""#
  }

  /// Lists the parents of partitions and of inheriting tables.
  static func parents(range: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid, h.inhrelid, 0, 'parent ' || h.inhparent,
       CASE WHEN c.relispartition THEN 'partition' ELSE 'inheritance' END,
       format('%I.%I of %s', n.nspname, c.relname, p.identity),
       'pg_class'::regclass::oid, h.inhrelid, 0, h.inhparent, c.relkind::text
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace,
  pg_identify_object('pg_class'::regclass, h.inhparent, 0) p
WHERE c.relkind IN ('r', 'p', 'f') AND h.inhrelid \#(range)
"""#
  }

  /// Lists the relations that have a property.
  static func flag(name: Literal, range: SQL, condition: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid, c.oid, 0, \#(name), \#(name),
       format('%I.%I', n.nspname, c.relname), 'pg_class'::regclass::oid, c.oid, 0, 0, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid \#(range) AND c.relpersistence <> 't' AND \#(condition)
"""#
  }

  /// Lists the columns of relations, each with the same column of the relation's first parent.
  static func columns(range: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid::bigint, c.oid::bigint, a.attnum::int,
       ''::text, i.type::text, i.identity::text, 'pg_class'::regclass::oid::bigint,
       coalesce(p.relation, c.oid)::bigint, coalesce(p.number, 0)::int,
       (a.atttypid::bigint << 32) + (a.atttypmod::bigint & 4294967295),
       CASE WHEN a.attgenerated <> '' THEN 'g' ELSE ' ' END || a.attname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN LATERAL (
  SELECT h.inhparent, u.attnum FROM pg_inherits h JOIN pg_attribute u
    ON u.attrelid = h.inhparent AND u.attname = a.attname
  WHERE h.inhrelid = c.oid AND a.attinhcount > 0 ORDER BY h.inhseqno LIMIT 1
) AS p(relation, number) ON true,
  pg_identify_object('pg_class'::regclass, c.oid, a.attnum) i
WHERE c.oid \#(range) AND c.relkind IN ('r', 'p', 'f', 'c') AND a.attnum > 0
  AND NOT a.attisdropped AND c.relpersistence <> 't'
"""#
  }

  /// Lists the columns that have a property.
  static func attribute(name: Literal, range: SQL, condition: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid, c.oid, a.attnum, \#(name), \#(name),
       format('%I.%I.%I', n.nspname, c.relname, a.attname),
       'pg_class'::regclass::oid, c.oid, a.attnum, 0, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.oid \#(range) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0
  AND NOT a.attisdropped AND c.relpersistence <> 't' AND \#(condition)
"""#
  }

  /// Lists the objects of a catalogue.
  static func objects(name: Literal, catalog: Identifier, origin: SQL, condition: SQL) -> SQL {
#"""
SELECT \#(name)::regclass::oid::bigint, o.oid::bigint, 0, ''::text, i.type::text,
       i.identity::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint, ''::text
FROM pg_catalog.\#(catalog) o, pg_identify_object(\#(name)::regclass, o.oid, 0) i
WHERE \#(origin) AND (\#(condition))
"""#
  }

  /// Lists the user mappings.
  static let userMappings: SQL = #"""
SELECT 'pg_user_mapping'::regclass::oid, m.umid, 0, '', i.type, i.identity,
       NULL, NULL, NULL, 0, ''
FROM pg_user_mappings m, pg_identify_object('pg_user_mapping'::regclass, m.umid, 0) i
"""#

  /// Lists the values of enum types.
  static let enumLabels: SQL = #"""
SELECT 'pg_type'::regclass::oid, e.enumtypid, 0, 'member ' || e.oid, 'value',
       format('%L of %s', e.enumlabel, i.identity),
       'pg_type'::regclass::oid, e.enumtypid, 0, 0, ''
FROM pg_enum e, pg_identify_object('pg_type'::regclass, e.enumtypid, 0) i WHERE e.enumtypid >= 16384
"""#

  /// Lists the defaults of domains, and which of them forbid nulls.
  static let domainProperties: SQL = #"""
SELECT 'pg_type'::regclass::oid, t.oid, 0, p.name, p.name,
       p.preposition || format('domain %s', i.identity), 'pg_type'::regclass::oid, t.oid, 0, 0, ''
FROM pg_type t CROSS JOIN LATERAL (VALUES
    ('not null', '', t.typnotnull), ('default value', 'for ', t.typdefault IS NOT NULL)
  ) AS p(name, preposition, is_there),
  pg_identify_object('pg_type'::regclass, t.oid, 0) i
WHERE t.typtype = 'd' AND p.is_there AND t.oid >= 16384
"""#

  /// Lists the dictionaries that text search configurations use.
  static let searchMappings: SQL = #"""
SELECT 'pg_ts_config'::regclass::oid, m.mapcfg, 0, 'member ' || m.maptokentype || ' '
         || m.mapseqno, 'mapping',
       format('of token %s to %s in %s', m.maptokentype, d.identity, i.identity),
       'pg_ts_config'::regclass::oid, m.mapcfg, 0, 0, ''
FROM pg_ts_config_map m, pg_identify_object('pg_ts_config'::regclass, m.mapcfg, 0) i,
  pg_identify_object('pg_ts_dict'::regclass, m.mapdict, 0) d
WHERE m.mapcfg >= 16384
"""#

  /// Lists the triggers that are enabled.
  static let enabledTriggers: SQL = #"""
SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled trigger',
       format('%I on %s', t.tgname, i.identity), 'pg_trigger'::regclass::oid, t.oid, 0, 0, ''
FROM pg_trigger t, pg_identify_object('pg_class'::regclass, t.tgrelid, 0) i
WHERE t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
"""#

  /// Lists the constraints whose triggers are enabled.
  static let enabledChecks: SQL = #"""
SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled check',
       format('of constraint %I on %s', k.conname, i.identity),
       'pg_constraint'::regclass::oid, k.oid, 0, 0, ''
FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint,
  pg_identify_object('pg_class'::regclass, t.tgrelid, 0) i
WHERE t.tgenabled IN ('O', 'A') AND t.tgisinternal
"""#

  /// Lists the event triggers that are enabled.
  static let enabledEventTriggers: SQL = #"""
SELECT 'pg_event_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled event trigger',
       quote_ident(t.evtname), 'pg_event_trigger'::regclass::oid, t.oid, 0, 0, ''
FROM pg_event_trigger t WHERE t.evtenabled IN ('O', 'A')
"""#

  /// Lists the rules that are enabled.
  static let enabledRules: SQL = #"""
SELECT 'pg_rewrite'::regclass::oid, r.oid, 0, 'enabled', 'enabled rule',
       format('%I on %s', r.rulename, i.identity), 'pg_rewrite'::regclass::oid, r.oid, 0, 0, ''
FROM pg_rewrite r, pg_identify_object('pg_class'::regclass, r.ev_class, 0) i
WHERE r.ev_enabled IN ('O', 'A') AND r.rulename <> '_RETURN' AND r.oid >= 16384
"""#

  /// Lists the publications that subscriptions read.
  static let subscribed: SQL = #"""
SELECT 'pg_subscription'::regclass::oid, s.oid, 0, 'member ' || p.name, 'publication',
       format('%I of subscription %I', p.name, s.subname),
       'pg_subscription'::regclass::oid, s.oid, 0, 0, ''
FROM pg_subscription s CROSS JOIN unnest(s.subpublications) AS p(name)
WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
"""#

  /// Lists the roles.
  static let roles: SQL = #"""
SELECT 'pg_authid'::regclass::oid::bigint, r.oid::bigint, 0, ''::text, 'role'::text,
       quote_ident(r.rolname)::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint, ''::text
FROM pg_roles r WHERE r.oid >= 16384
"""#

  /// Lists the attributes of roles.
  static let roleAttributes: SQL = #"""
SELECT 'pg_authid'::regclass::oid, r.oid, 0, 'attribute ' || a.name, 'attribute',
       format('%s of role %I', a.name, r.rolname), 'pg_authid'::regclass::oid, r.oid, 0, 0, ''
FROM pg_roles r CROSS JOIN LATERAL (VALUES
    ('SUPERUSER', r.rolsuper), ('INHERIT', r.rolinherit), ('CREATEROLE', r.rolcreaterole),
    ('CREATEDB', r.rolcreatedb), ('LOGIN', r.rolcanlogin), ('REPLICATION', r.rolreplication),
    ('BYPASSRLS', r.rolbypassrls)
  ) AS a(name, is_there)
WHERE a.is_there AND r.rolname !~ '^pg_'
"""#

  /// Lists the memberships of roles, and what each allows.
  static let memberships: SQL = #"""
SELECT 'pg_authid'::regclass::oid, m.member, 0, 'membership ' || m.roleid || p.more, p.kind,
       format('of %s in %s', m.member::regrole, m.roleid::regrole),
       'pg_authid'::regclass::oid, m.member, 0, 0, ''
FROM pg_auth_members m CROSS JOIN LATERAL (VALUES
    ('', 'membership', true), (' WITH ADMIN OPTION', 'admin option', m.admin_option),
    (' WITH INHERIT OPTION', 'inherit option', (to_jsonb(m) ->> 'inherit_option')::bool),
    (' WITH SET OPTION', 'set option', (to_jsonb(m) ->> 'set_option')::bool)
  ) AS p(more, kind, is_there)
WHERE m.member >= 16384 AND p.is_there
"""#

  /// Lists the settings of roles and databases.
  static let roleSettings: SQL = #"""
SELECT 'pg_db_role_setting'::regclass::oid, s.setrole, 0,
       s.setdatabase || ' ' || split_part(o.setting, '=', 1), 'setting',
       format('%s of %s', split_part(o.setting, '=', 1), coalesce(nullif(
         concat_ws(' in ', 'role ' || quote_ident(r.rolname),
                   'database ' || quote_ident(d.datname)), ''), 'all roles')),
       'pg_authid'::regclass::oid, s.setrole, 0, 0, ''
FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS o(setting)
LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
"""#

  /// Lists the comments on objects that all databases share.
  static let sharedComments: SQL = #"""
SELECT d.classoid, d.objoid, 0, 'comment', 'comment', format('on %s %s', i.type, i.identity),
       d.classoid, d.objoid, 0, 0, ''
FROM pg_shdescription d, pg_identify_object(d.classoid, d.objoid, 0) i
"""#

  /// Lists the databases.
  static let databases: SQL = #"""
SELECT 'pg_database'::regclass::oid::bigint, d.oid::bigint, 0, ''::text, 'database'::text,
       quote_ident(d.datname)::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint,
       ''::text
FROM pg_database d
"""#

  /// Lists the rights to the objects of a catalogue, of all roles except the owner.
  static func grants(
    name: Literal,
    grantee: SQL,
    catalog: Identifier,
    rights: SQL,
    kinds: SQL,
    owner: Identifier,
    condition: SQL
  ) -> SQL {
#"""
SELECT \#(name)::regclass::oid::bigint, o.oid::bigint, 0,
       ('grant ' || g.grantee || g.privilege_type || p.more)::text, p.kind::text,
       format('%s on %s %s to %s', g.privilege_type, i.type, i.identity, \#(grantee)),
       \#(name)::regclass::oid::bigint, o.oid::bigint, 0, 0::bigint, ''::text
FROM pg_catalog.\#(catalog) o CROSS JOIN LATERAL aclexplode(\#(rights)) g
CROSS JOIN LATERAL \#(kinds) LEFT JOIN pg_roles r ON r.oid = g.grantee,
  pg_identify_object(\#(name)::regclass, o.oid, 0) i
WHERE p.is_there AND g.grantee <> o.\#(owner) AND (\#(condition))
"""#
  }

  /// Lists the default rights of PUBLIC that were revoked.
  static func revokes(
    name: Literal,
    catalog: Identifier,
    defaults: Literal,
    owner: Identifier,
    list: Identifier,
    condition: SQL
  ) -> SQL {
#"""
SELECT \#(name)::regclass::oid, o.oid, 0, 'revoke ' || d.privilege_type, 'revoke',
       format('%s on %s %s from PUBLIC', d.privilege_type, i.type, i.identity),
       \#(name)::regclass::oid, o.oid, 0, 0, ''
FROM pg_catalog.\#(catalog) o
CROSS JOIN LATERAL aclexplode(acldefault(\#(defaults), o.\#(owner))) d,
  pg_identify_object(\#(name)::regclass, o.oid, 0) i
WHERE o.\#(list) IS NOT NULL AND d.grantee = 0 AND (\#(condition))
  AND NOT EXISTS (SELECT FROM aclexplode(o.\#(list)) g
    WHERE g.grantee = 0 AND g.privilege_type = d.privilege_type)
"""#
  }

  /// Lists the rights to columns.
  static func columnGrants(grantee: SQL, kinds: SQL) -> SQL {
#"""
SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum::int,
       'grant ' || g.grantee || g.privilege_type || p.more, p.kind,
       format('%s on %s %s to %s', g.privilege_type, i.type, i.identity, \#(grantee)),
       'pg_class'::regclass::oid, a.attrelid, a.attnum::int, 0, ''
FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) g CROSS JOIN LATERAL \#(kinds)
LEFT JOIN pg_roles r ON r.oid = g.grantee,
  pg_identify_object('pg_class'::regclass, a.attrelid, a.attnum) i
WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped AND p.is_there
"""#
  }

  /// Lists the comments on objects.
  static let comments: SQL = #"""
SELECT d.classoid, d.objoid, d.objsubid, 'comment', 'comment',
       format('on %s %s', i.type, i.identity), d.classoid, d.objoid, d.objsubid, 0, ''
FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE d.objoid >= 16384
"""#

  /// Lists the rights to settings of the server.
  static func parameterGrants(grantee: SQL, kinds: SQL) -> SQL {
#"""
SELECT 'pg_parameter_acl'::regclass::oid, o.oid, 0,
       'grant ' || g.grantee || g.privilege_type || p.more, p.kind,
       format('%s on parameter %s to %s', g.privilege_type, o.parname, \#(grantee)),
       'pg_parameter_acl'::regclass::oid, o.oid, 0, 0, ''
FROM pg_parameter_acl o CROSS JOIN LATERAL aclexplode(o.paracl) g
CROSS JOIN LATERAL \#(kinds) LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE p.is_there AND g.grantee <> 10
"""#
  }
}
