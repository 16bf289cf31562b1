internal import Postgres

extension ObjectCatalog {
  /// A catalogue whose objects have a list of rights.
  private struct Holder {
    let catalog: String
    let list: Identifier
    let owner: Identifier
    /// The letter of the kind for `acldefault`; nil where PUBLIC has no default rights to such
    /// objects.
    var defaults: String?
    /// The catalogue in the address of such an object; nil where that is `catalog`.
    var identity: String?
    var condition: SQL = "o.oid >= 16384"

    /// The SQL for the list of rights; the default rights of PUBLIC stand in place of a null.
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
    holders.map(grants(of:)) + holders.compactMap(revokes(of:)) + [
      columnGrants, ObjectCatalogQueries.comments,
    ]

  /// Returns the queries for the databases, and for the rights to databases, tablespaces and
  /// settings of the server.
  static func serverQueries(serverVersion: Int) -> [SQL] {
    let database = Holder(
      catalog: "pg_database", list: "datacl", owner: "datdba", defaults: "d", condition: "true")
    let tablespace = Holder(
      catalog: "pg_tablespace", list: "spcacl", owner: "spcowner", condition: "true")
    return [
      ObjectCatalogQueries.databases, grants(of: database), grants(of: tablespace),
    ] + (serverVersion >= 150_000 ? [parameterGrants] : [])
  }

  /// The kinds of entries: a right, and as a separate entry the option to grant the right to
  /// others.
  private static let kinds: SQL = """
    (VALUES ('', 'grant', true), (' WITH GRANT OPTION', 'grant option', g.is_grantable)
      ) AS p(more, kind, is_there)
    """

  private static let grantee: SQL = "coalesce(quote_ident(r.rolname), 'PUBLIC')"

  /// Returns SQL for the rights of all roles except the owner.
  private static func grants(of holder: Holder) -> SQL {
    let name = Literal(holder.identity ?? holder.catalog)
    return ObjectCatalogQueries.grants(
      name: name, grantee: grantee, catalog: Identifier(holder.catalog), rights: holder.rights,
      kinds: kinds, owner: holder.owner, condition: holder.condition)
  }

  /// Returns SQL for the default rights of PUBLIC that were revoked; nil where PUBLIC has none.
  private static func revokes(of holder: Holder) -> SQL? {
    guard let defaults = holder.defaults else { return nil }
    let name = Literal(holder.catalog)
    return ObjectCatalogQueries.revokes(
      name: name, catalog: Identifier(holder.catalog), defaults: Literal(defaults),
      owner: holder.owner, list: holder.list, condition: holder.condition)
  }

  private static let columnGrants: SQL = ObjectCatalogQueries.columnGrants(
    grantee: grantee, kinds: kinds)

  /// The SQL for rights to parameters.
  ///
  /// Every parameter belongs to the role that created the cluster, whose oid is 10: the first grant
  /// also writes down what that role may do in any case, and revoking the last grant removes this
  /// again.
  private static let parameterGrants: SQL = ObjectCatalogQueries.parameterGrants(
    grantee: grantee, kinds: kinds)
}
