internal import Postgres

extension ObjectCatalog {
  /// A catalogue whose objects have a list of rights.
  private struct Holder {
    let catalog: String
    let list: Identifier
    let owner: Identifier
    /// The letter of the kind for `acldefault`, where PUBLIC has default rights to such objects.
    var defaults: String?
    /// The catalogue that the address of an object contains, where it is a different one.
    var identity: String?
    var condition: SQL = "o.oid >= 16384"

    /// The list of rights; never null, even if nothing was ever granted or revoked.
    var rights: SQL {
      guard let defaults else { return "o.\(list)" }
      return "coalesce(o.\(list), acldefault(\(Literal(defaults)), o.\(owner)))"
    }
  }

  private static let holders = [
    // Of the server's own objects, only those with a list of rights.
    Holder(
      catalog: "pg_class", list: "relacl", owner: "relowner", condition: "o.relacl IS NOT NULL"),
    Holder(
      catalog: "pg_proc", list: "proacl", owner: "proowner", defaults: "f",
      condition: "o.oid >= 16384 OR o.proacl IS NOT NULL"),
    Holder(
      catalog: "pg_namespace", list: "nspacl", owner: "nspowner",
      condition: "o.nspname !~ '^pg_(toast|temp)'"),
    Holder(
      catalog: "pg_largeobject_metadata", list: "lomacl", owner: "lomowner",
      identity: "pg_largeobject", condition: "o.lomacl IS NOT NULL"),
    Holder(
      catalog: "pg_type", list: "typacl", owner: "typowner", defaults: "T",
      // Every table has two types that few users know of.
      condition: """
        o.oid >= 16384 AND (o.typacl IS NOT NULL OR o.typtype IN ('b', 'c', 'd', 'e', 'r')
          AND NOT (o.typelem <> 0 AND o.typcategory = 'A') AND (o.typrelid = 0 OR EXISTS (
            SELECT FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c')))
        """),
    Holder(
      catalog: "pg_language", list: "lanacl", owner: "lanowner", defaults: "l", condition: "true"),
    Holder(catalog: "pg_foreign_data_wrapper", list: "fdwacl", owner: "fdwowner"),
    Holder(catalog: "pg_foreign_server", list: "srvacl", owner: "srvowner"),
    Holder(catalog: "pg_default_acl", list: "defaclacl", owner: "defaclrole"),
  ]

  static let accessQueries: [SQL] =
    holders.map(grants(of:)) + holders.compactMap(revokes(of:)) + [columnGrants, comments]

  /// Returns the queries for databases, tablespaces and settings of the server; other sessions may
  /// drop a database.
  static func serverQueries(serverVersion: Int) -> [SQL] {
    let database = Holder(
      catalog: "pg_database", list: "datacl", owner: "datdba", defaults: "d", condition: "true")
    let tablespace = Holder(
      catalog: "pg_tablespace", list: "spcacl", owner: "spcowner", condition: "true")
    return [
      """
      SELECT 'pg_database'::regclass::oid::bigint, d.oid::bigint, 0, ''::text, 'database'::text,
             quote_ident(d.datname)::text, NULL::bigint, NULL::bigint, NULL::int, 0::bigint,
             ''::text
      FROM pg_database d
      """, grants(of: database), grants(of: tablespace),
    ] + (serverVersion >= 150_000 ? [parameterGrants] : [])
  }

  /// The kinds of entries: a right, and as a separate entry that its holder may grant it to others.
  private static let kinds: SQL = """
    (VALUES ('', 'grant', true), (' WITH GRANT OPTION', 'grant option', g.is_grantable)
      ) AS p(more, kind, is_there)
    """

  private static let grantee: SQL = "coalesce(quote_ident(r.rolname), 'PUBLIC')"

  /// Returns SQL for the rights of all roles except the owner.
  private static func grants(of holder: Holder) -> SQL {
    let name = Literal(holder.identity ?? holder.catalog)
    return """
      SELECT \(name)::regclass::oid::bigint, o.oid::bigint, 0,
             ('grant ' || g.grantee || g.privilege_type || p.more)::text, p.kind::text,
             format('%s on %s %s to %s', g.privilege_type, i.type, i.identity, \(grantee)),
             \(name)::regclass::oid::bigint, o.oid::bigint, 0, 0::bigint, ''::text
      FROM pg_catalog.\(Identifier(holder.catalog)) o CROSS JOIN LATERAL aclexplode(\(holder.rights)) g
      CROSS JOIN LATERAL \(kinds) LEFT JOIN pg_roles r ON r.oid = g.grantee,
        pg_identify_object(\(name)::regclass, o.oid, 0) i
      WHERE p.is_there AND g.grantee <> o.\(holder.owner) AND (\(holder.condition))
      """
  }

  /// Returns SQL for the default rights of PUBLIC that were revoked.
  private static func revokes(of holder: Holder) -> SQL? {
    guard let defaults = holder.defaults else { return nil }
    let name = Literal(holder.catalog)
    return """
      SELECT \(name)::regclass::oid, o.oid, 0, 'revoke ' || d.privilege_type, 'revoke',
             format('%s on %s %s from PUBLIC', d.privilege_type, i.type, i.identity),
             \(name)::regclass::oid, o.oid, 0, 0, ''
      FROM pg_catalog.\(Identifier(holder.catalog)) o
      CROSS JOIN LATERAL aclexplode(acldefault(\(Literal(defaults)), o.\(holder.owner))) d,
        pg_identify_object(\(name)::regclass, o.oid, 0) i
      WHERE o.\(holder.list) IS NOT NULL AND d.grantee = 0 AND (\(holder.condition))
        AND NOT EXISTS (SELECT FROM aclexplode(o.\(holder.list)) g
          WHERE g.grantee = 0 AND g.privilege_type = d.privilege_type)
      """
  }

  private static let columnGrants: SQL = """
    SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum::int,
           'grant ' || g.grantee || g.privilege_type || p.more, p.kind,
           format('%s on %s %s to %s', g.privilege_type, i.type, i.identity, \(grantee)),
           'pg_class'::regclass::oid, a.attrelid, a.attnum::int, 0, ''
    FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) g CROSS JOIN LATERAL \(kinds)
    LEFT JOIN pg_roles r ON r.oid = g.grantee,
      pg_identify_object('pg_class'::regclass, a.attrelid, a.attnum) i
    WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped AND p.is_there
    """

  private static let comments: SQL = """
    SELECT d.classoid, d.objoid, d.objsubid, 'comment', 'comment',
           format('on %s %s', i.type, i.identity), d.classoid, d.objoid, d.objsubid, 0, ''
    FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    WHERE d.objoid >= 16384
    """

  /// The SQL for rights to parameters.
  ///
  /// Every parameter belongs to the role that created the cluster, whose oid is 10: the first grant
  /// also writes down what that role may do in any case, and revoking the last grant removes this
  /// again.
  private static let parameterGrants: SQL = """
    SELECT 'pg_parameter_acl'::regclass::oid, o.oid, 0,
           'grant ' || g.grantee || g.privilege_type || p.more, p.kind,
           format('%s on parameter %s to %s', g.privilege_type, o.parname, \(grantee)),
           'pg_parameter_acl'::regclass::oid, o.oid, 0, 0, ''
    FROM pg_parameter_acl o CROSS JOIN LATERAL aclexplode(o.paracl) g
    CROSS JOIN LATERAL \(kinds) LEFT JOIN pg_roles r ON r.oid = g.grantee
    WHERE p.is_there AND g.grantee <> 10
    """
}
