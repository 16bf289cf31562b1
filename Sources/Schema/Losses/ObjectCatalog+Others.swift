internal import Postgres

extension ObjectCatalog {
  /// A catalogue whose rows are objects, and which of them may be lost.
  struct Plain {
    let catalog: String
    var condition: SQL = "true"
    /// True where objects that came with the server are included, because an administrator may drop
    /// them.
    var includesBuiltIn = false
    /// The first version of the server that has the catalogue.
    var since = 0
  }

  static let plain: [Plain] = [
    Plain(catalog: "pg_constraint", condition: "o.contype NOT IN ('t', 'n')"),
    Plain(catalog: "pg_attrdef"),
    Plain(catalog: "pg_trigger", condition: "NOT o.tgisinternal"),
    Plain(catalog: "pg_rewrite", condition: "o.rulename <> '_RETURN'"),
    Plain(catalog: "pg_policy"), Plain(catalog: "pg_proc"),
    Plain(
      catalog: "pg_type",
      condition: """
        o.typtype IN ('b', 'c', 'd', 'e', 'r') AND NOT (o.typelem <> 0 AND o.typcategory = 'A')
        AND (o.typrelid = 0 OR EXISTS (
          SELECT FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c'))
        """),
    Plain(catalog: "pg_operator"), Plain(catalog: "pg_opclass"), Plain(catalog: "pg_opfamily"),
    Plain(catalog: "pg_cast"), Plain(catalog: "pg_conversion"), Plain(catalog: "pg_collation"),
    Plain(catalog: "pg_language", includesBuiltIn: true),
    Plain(
      catalog: "pg_namespace",
      condition: "o.nspname = 'public' OR o.nspname !~ '^pg_' AND o.oid >= 16384",
      includesBuiltIn: true),
    Plain(catalog: "pg_extension", includesBuiltIn: true),
    Plain(catalog: "pg_am"), Plain(catalog: "pg_ts_config"), Plain(catalog: "pg_ts_dict"),
    Plain(catalog: "pg_ts_parser"), Plain(catalog: "pg_ts_template"),
    Plain(catalog: "pg_foreign_data_wrapper"), Plain(catalog: "pg_foreign_server"),
    Plain(catalog: "pg_publication"), Plain(catalog: "pg_publication_rel"),
    Plain(catalog: "pg_publication_namespace", since: 150_000),
    Plain(catalog: "pg_event_trigger"), Plain(catalog: "pg_statistic_ext"),
    Plain(catalog: "pg_transform"), Plain(catalog: "pg_default_acl"),
  ]

  static func others(serverVersion: Int) -> [SQL] {
    plain.filter { $0.since <= serverVersion }.map(objects) + properties
      + OptionHolder.all.map(\.properties) + (serverVersion >= 150_000 ? [subscribed] : [])
  }

  private static func objects(_ plain: Plain) -> SQL {
    let table = Identifier(plain.catalog)
    let name = Literal(plain.catalog)
    let origin: SQL = plain.includesBuiltIn ? "true" : "o.oid >= 16384"
    return """
      SELECT \(name)::regclass::oid::bigint, o.oid::bigint, 0, ''::text, i.type::text,
             i.identity::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint, ''::text
      FROM pg_catalog.\(table) o, pg_identify_object(\(name)::regclass, o.oid, 0) i
      WHERE \(origin) AND (\(plain.condition))
      """
  }

  /// The queries for what is not an object in PostgreSQL, but can be lost as well.
  private static let properties: [SQL] = [
    """
    SELECT 'pg_user_mapping'::regclass::oid, m.umid, 0, '', i.type, i.identity,
           NULL, NULL, NULL, 0, ''
    FROM pg_user_mappings m, pg_identify_object('pg_user_mapping'::regclass, m.umid, 0) i
    """,
    """
    SELECT 'pg_type'::regclass::oid, e.enumtypid, 0, 'member ' || e.oid, 'value',
           format('%L of %s', e.enumlabel, i.identity),
           'pg_type'::regclass::oid, e.enumtypid, 0, 0, ''
    FROM pg_enum e, pg_identify_object('pg_type'::regclass, e.enumtypid, 0) i WHERE e.enumtypid >= 16384
    """,
    """
    SELECT 'pg_type'::regclass::oid, t.oid, 0, p.name, p.name,
           p.preposition || format('domain %s', i.identity), 'pg_type'::regclass::oid, t.oid, 0, 0, ''
    FROM pg_type t CROSS JOIN LATERAL (VALUES
        ('not null', '', t.typnotnull), ('default value', 'for ', t.typdefault IS NOT NULL)
      ) AS p(name, preposition, is_there),
      pg_identify_object('pg_type'::regclass, t.oid, 0) i
    WHERE t.typtype = 'd' AND p.is_there AND t.oid >= 16384
    """,
    """
    SELECT 'pg_ts_config'::regclass::oid, m.mapcfg, 0, 'member ' || m.maptokentype || ' '
             || m.mapseqno, 'mapping',
           format('of token %s to %s in %s', m.maptokentype, d.identity, i.identity),
           'pg_ts_config'::regclass::oid, m.mapcfg, 0, 0, ''
    FROM pg_ts_config_map m, pg_identify_object('pg_ts_config'::regclass, m.mapcfg, 0) i,
      pg_identify_object('pg_ts_dict'::regclass, m.mapdict, 0) d
    WHERE m.mapcfg >= 16384
    """,
    """
    SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled trigger',
           format('%I on %s', t.tgname, i.identity), 'pg_trigger'::regclass::oid, t.oid, 0, 0, ''
    FROM pg_trigger t, pg_identify_object('pg_class'::regclass, t.tgrelid, 0) i
    WHERE t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
    """,
    """
    SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled check',
           format('of constraint %I on %s', k.conname, i.identity),
           'pg_constraint'::regclass::oid, k.oid, 0, 0, ''
    FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint,
      pg_identify_object('pg_class'::regclass, t.tgrelid, 0) i
    WHERE t.tgenabled IN ('O', 'A') AND t.tgisinternal
    """,
    """
    SELECT 'pg_event_trigger'::regclass::oid, t.oid, 0, 'enabled', 'enabled event trigger',
           quote_ident(t.evtname), 'pg_event_trigger'::regclass::oid, t.oid, 0, 0, ''
    FROM pg_event_trigger t WHERE t.evtenabled IN ('O', 'A')
    """,
    """
    SELECT 'pg_rewrite'::regclass::oid, r.oid, 0, 'enabled', 'enabled rule',
           format('%I on %s', r.rulename, i.identity), 'pg_rewrite'::regclass::oid, r.oid, 0, 0, ''
    FROM pg_rewrite r, pg_identify_object('pg_class'::regclass, r.ev_class, 0) i
    WHERE r.ev_enabled IN ('O', 'A') AND r.rulename <> '_RETURN' AND r.oid >= 16384
    """,
  ]

  /// The publications that subscriptions read.
  ///
  /// Before PostgreSQL 15 only superusers may read the subscriptions' object ids.
  private static let subscribed: SQL = """
    SELECT 'pg_subscription'::regclass::oid, s.oid, 0, 'member ' || p.name, 'publication',
           format('%I of subscription %I', p.name, s.subname),
           'pg_subscription'::regclass::oid, s.oid, 0, 0, ''
    FROM pg_subscription s CROSS JOIN unnest(s.subpublications) AS p(name)
    WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    """

  // MARK: What databases share

  static let sharedQueries: [SQL] = [
    """
    SELECT 'pg_authid'::regclass::oid::bigint, r.oid::bigint, 0, ''::text, 'role'::text,
           quote_ident(r.rolname)::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint, ''::text
    FROM pg_roles r WHERE r.oid >= 16384
    """,
    """
    SELECT 'pg_authid'::regclass::oid, r.oid, 0, 'attribute ' || a.name, 'attribute',
           format('%s of role %I', a.name, r.rolname), 'pg_authid'::regclass::oid, r.oid, 0, 0, ''
    FROM pg_roles r CROSS JOIN LATERAL (VALUES
        ('SUPERUSER', r.rolsuper), ('INHERIT', r.rolinherit), ('CREATEROLE', r.rolcreaterole),
        ('CREATEDB', r.rolcreatedb), ('LOGIN', r.rolcanlogin), ('REPLICATION', r.rolreplication),
        ('BYPASSRLS', r.rolbypassrls)
      ) AS a(name, is_there)
    WHERE a.is_there AND r.rolname !~ '^pg_'
    """,
    """
    SELECT 'pg_authid'::regclass::oid, m.member, 0, 'membership ' || m.roleid || p.more, p.kind,
           format('of %s in %s', m.member::regrole, m.roleid::regrole),
           'pg_authid'::regclass::oid, m.member, 0, 0, ''
    FROM pg_auth_members m CROSS JOIN LATERAL (VALUES
        ('', 'membership', true), (' WITH ADMIN OPTION', 'admin option', m.admin_option),
        (' WITH INHERIT OPTION', 'inherit option', (to_jsonb(m) ->> 'inherit_option')::bool),
        (' WITH SET OPTION', 'set option', (to_jsonb(m) ->> 'set_option')::bool)
      ) AS p(more, kind, is_there)
    WHERE m.member >= 16384 AND p.is_there
    """,
    """
    SELECT 'pg_db_role_setting'::regclass::oid, s.setrole, 0,
           s.setdatabase || ' ' || split_part(o.setting, '=', 1), 'setting',
           format('%s of %s', split_part(o.setting, '=', 1), coalesce(nullif(
             concat_ws(' in ', 'role ' || quote_ident(r.rolname),
                       'database ' || quote_ident(d.datname)), ''), 'all roles')),
           'pg_authid'::regclass::oid, s.setrole, 0, 0, ''
    FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS o(setting)
    LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
    """,
    """
    SELECT d.classoid, d.objoid, 0, 'comment', 'comment', format('on %s %s', i.type, i.identity),
           d.classoid, d.objoid, 0, 0, ''
    FROM pg_shdescription d, pg_identify_object(d.classoid, d.objoid, 0) i
    """,
  ]
}
