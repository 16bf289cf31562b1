internal import Postgres

/// The queries that list every object of a database that may be lost.
///
/// They are grouped, so that after a statement only those groups are read again whose catalogues
/// have changed. The names come from the server's function `pg_identify_object`.
enum ObjectCatalog: CaseIterable {
  case relations
  case columns
  case others
  case access
  /// The objects that all databases of the server share and that sessions of any database may
  /// change.
  case shared
  /// The rights to databases, tablespaces and settings of the server.
  case server

  /// The system catalogues that the group is read from.
  var sources: Set<String> {
    switch self {
    case .relations: ["pg_class", "pg_inherits"]
    case .columns: ["pg_attribute", "pg_inherits"]
    case .others:
      Set(Self.plain.map(\.catalog)).union([
        "pg_enum", "pg_ts_config_map", "pg_user_mapping", "pg_foreign_table", "pg_subscription",
      ])
    case .access:
      [
        "pg_class", "pg_attribute", "pg_proc", "pg_namespace", "pg_type", "pg_description",
        "pg_default_acl", "pg_language", "pg_foreign_data_wrapper", "pg_foreign_server",
        "pg_largeobject_metadata",
      ]
    case .shared: ["pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_shdescription"]
    case .server: ["pg_database", "pg_tablespace", "pg_parameter_acl"]
    }
  }

  /// True for objects that all databases of the server share.
  var isOfServer: Bool { self == .shared || self == .server }

  /// Returns SQL for rows of (catalog, object, part, property, kind, identity, owner's address,
  /// node, detail).
  ///
  /// - Parameter last: the newest relation to list; newer ones cannot have been lost.
  func query(on connection: Connection, upTo last: Int? = nil) -> SQL {
    let range: SQL = SQL(script: "BETWEEN 16384 AND \(last ?? Int(UInt32.max))")
    let pieces: [SQL] =
      switch self {
      case .relations: Self.relationQueries(range)
      case .columns: Self.columnQueries(range)
      case .others: Self.others(serverVersion: connection.serverVersion)
      case .access: Self.accessQueries
      case .shared: Self.sharedQueries
      case .server: Self.serverQueries(serverVersion: connection.serverVersion)
      }
    return SQL.joined(pieces, separator: " UNION ALL ")
  }

  // MARK: Relations

  private static func relationQueries(_ range: SQL) -> [SQL] {
    [
      """
      SELECT 'pg_class'::regclass::oid::bigint, c.oid::bigint, 0, ''::text, i.type::text,
             i.identity::text, NULL::bigint, NULL::bigint, NULL::int,
             coalesce(pg_relation_filenode(c.oid), 0)::bigint, c.relkind::text
      FROM pg_class c, pg_identify_object('pg_class'::regclass, c.oid, 0) i
      WHERE c.oid \(range) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I', 'c')
        AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_toast'::regnamespace
        AND NOT EXISTS (
          SELECT FROM pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid)
      """,
      flag("row security", range, "c.relrowsecurity"),
      flag("forced row security", range, "c.relforcerowsecurity"),
      flag(
        "logging", range,
        // A sequence belongs to its table.
        """
        (c.relpersistence = 'p' AND c.relkind = 'r' OR c.relkind = 'S' AND (
          c.relpersistence = 'p' OR EXISTS (
            SELECT FROM pg_depend w JOIN pg_class v ON v.oid = w.refobjid
            WHERE w.classid = 'pg_class'::regclass AND w.objid = c.oid
              AND w.refclassid = 'pg_class'::regclass AND w.deptype IN ('a', 'i')
              AND v.relpersistence = 'u')))
        """),
      flag("rows", range, "c.relispopulated AND c.relkind = 'm'"),
      flag("replica identity", range, "c.relreplident <> 'n' AND c.relkind IN ('r', 'p')"),
      """
      SELECT 'pg_class'::regclass::oid, c.oid, 0, 'option ' || o.name, 'option',
             format('%s=true of %I.%I', o.name, n.nspname, c.relname),
             'pg_class'::regclass::oid, c.oid, 0, 0, ''
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (
        SELECT split_part(u.option, '=', 1), split_part(u.option, '=', 2)
        FROM unnest(c.reloptions) AS u(option)) AS o(name, setting)
      WHERE c.oid \(range) AND c.relkind = 'v' AND CASE
        WHEN o.name IN ('security_barrier', 'security_invoker') THEN o.setting::bool END
      """,
      """
      SELECT 'pg_class'::regclass::oid, h.inhrelid, 0, 'parent ' || h.inhparent,
             CASE WHEN c.relispartition THEN 'partition' ELSE 'inheritance' END,
             format('%I.%I of %s', n.nspname, c.relname, p.identity),
             'pg_class'::regclass::oid, h.inhrelid, 0, h.inhparent, c.relkind::text
      FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace,
        pg_identify_object('pg_class'::regclass, h.inhparent, 0) p
      WHERE c.relkind IN ('r', 'p', 'f') AND h.inhrelid \(range)
      """,
    ]
  }

  /// Returns SQL for a property of tables that protects them; it is lost together with its table.
  private static func flag(_ name: String, _ range: SQL, _ condition: SQL) -> SQL {
    """
    SELECT 'pg_class'::regclass::oid, c.oid, 0, \(Literal(name)), \(Literal(name)),
           format('%I.%I', n.nspname, c.relname), 'pg_class'::regclass::oid, c.oid, 0, 0, ''
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid \(range) AND c.relpersistence <> 't' AND \(condition)
    """
  }

  // MARK: Columns

  /// Returns the queries for columns; an inherited column is lost together with its parent's.
  private static func columnQueries(_ range: SQL) -> [SQL] {
    [
      """
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
      WHERE c.oid \(range) AND c.relkind IN ('r', 'p', 'f', 'c') AND a.attnum > 0
        AND NOT a.attisdropped AND c.relpersistence <> 't'
      """,
      attribute("not null", range, "a.attnotnull"),
      attribute("identity", range, "a.attidentity <> ''"),
      attribute("generation", range, "a.attgenerated <> ''"),
    ]
  }

  private static func attribute(_ name: String, _ range: SQL, _ condition: SQL) -> SQL {
    """
    SELECT 'pg_class'::regclass::oid, c.oid, a.attnum, \(Literal(name)), \(Literal(name)),
           format('%I.%I.%I', n.nspname, c.relname, a.attname),
           'pg_class'::regclass::oid, c.oid, a.attnum, 0, ''
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.oid \(range) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0
      AND NOT a.attisdropped AND c.relpersistence <> 't' AND \(condition)
    """
  }
}
