internal import Postgres

extension ObjectCatalog {
  /// A system catalogue in which each object has a list of rights.
  private struct Holder {
    let catalog: String
    let list: Identifier
    let owner: Identifier
    /// The letter that `acldefault` takes for this kind of object; nil where PUBLIC has no default
    /// rights.
    var defaults: String?
    /// The catalogue that names these objects in addresses (`pg_depend`); nil where it is
    /// `catalog`.
    var identity: String?
    var condition: SQL = "o.oid >= 16384"

    /// The SQL for an object's list of rights; where the list is null, the default rights take its
    /// place.
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

  /// The two kinds of items in a list of rights: the right itself, and the option to grant it to
  /// others.
  private static let kinds: SQL = """
    (VALUES ('', 'grant', true), (' WITH GRANT OPTION', 'grant option', g.is_grantable)
      ) AS p(more, kind, is_there)
    """

  private static let grantee: SQL = "coalesce(quote_ident(r.rolname), 'PUBLIC')"

  /// Returns SQL that lists the rights of all roles except the owner.
  private static func grants(of holder: Holder) -> SQL {
    let name = Literal(holder.identity ?? holder.catalog)
    return ObjectCatalogQueries.grants(
      name: name, grantee: grantee, catalog: Identifier(holder.catalog), rights: holder.rights,
      kinds: kinds, owner: holder.owner, condition: holder.condition)
  }

  /// Returns SQL that lists the default rights that PUBLIC has lost; nil where PUBLIC has no
  /// default rights.
  private static func revokes(of holder: Holder) -> SQL? {
    guard let defaults = holder.defaults else { return nil }
    let name = Literal(holder.catalog)
    return ObjectCatalogQueries.revokes(
      name: name, catalog: Identifier(holder.catalog), defaults: Literal(defaults),
      owner: holder.owner, list: holder.list, condition: holder.condition)
  }

  private static let columnGrants: SQL = ObjectCatalogQueries.columnGrants(
    grantee: grantee, kinds: kinds)

  /// The SQL that lists the rights to parameters of the server.
  ///
  /// Every parameter belongs to the role that created the server's data (oid 10). The first grant
  /// to another role also stores the rights of that owner, and revoking the last grant removes them
  /// again.
  private static let parameterGrants: SQL = ObjectCatalogQueries.parameterGrants(
    grantee: grantee, kinds: kinds)
}
