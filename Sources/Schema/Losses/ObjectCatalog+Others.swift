internal import Postgres

extension ObjectCatalog {
  /// A system catalogue in which each row is an object, and a condition for the objects that count.
  struct Plain {
    let catalog: String
    var condition: SQL = "true"
    /// True where objects that came with the server are included, because a superuser may drop
    /// them.
    var includesBuiltIn = false
    /// The first version of the server that has the catalogue; 0 for all versions.
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
      + OptionHolder.all.map(\.properties)
      // Before PostgreSQL 15 only superusers may read the subscriptions' object ids.
      + (serverVersion >= 150_000 ? [ObjectCatalogQueries.subscribed] : [])
  }

  private static func objects(_ plain: Plain) -> SQL {
    let table = Identifier(plain.catalog)
    let name = Literal(plain.catalog)
    let origin: SQL = plain.includesBuiltIn ? "true" : "o.oid >= 16384"
    return ObjectCatalogQueries.objects(
      name: name, catalog: table, origin: origin, condition: plain.condition)
  }

  /// The queries for properties that are not objects in PostgreSQL, but can be lost as well.
  private static let properties: [SQL] = [
    ObjectCatalogQueries.userMappings,
    ObjectCatalogQueries.enumLabels,
    ObjectCatalogQueries.domainProperties,
    ObjectCatalogQueries.searchMappings,
    ObjectCatalogQueries.enabledTriggers,
    ObjectCatalogQueries.enabledChecks,
    ObjectCatalogQueries.enabledEventTriggers,
    ObjectCatalogQueries.enabledRules,
  ]

  // MARK: What databases share

  static let sharedQueries: [SQL] = [
    ObjectCatalogQueries.roles,
    ObjectCatalogQueries.roleAttributes,
    ObjectCatalogQueries.memberships,
    ObjectCatalogQueries.roleSettings,
    ObjectCatalogQueries.sharedComments,
  ]
}
