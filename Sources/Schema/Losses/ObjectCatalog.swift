internal import Postgres

/// The groups of objects that may be lost, each with the query that lists its objects.
///
/// After a statement, only the groups are read again whose catalogues have changed. The names come
/// from the server's function `pg_identify_object`.
enum ObjectCatalog: CaseIterable {
  case relations
  case columns
  case others
  case access
  /// The objects that all databases of the server share and that sessions of any database may
  /// change.
  case shared
  /// The databases, and the rights to databases, tablespaces and settings of the server.
  case server

  /// The system catalogues from which the group is read.
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

  /// True for a group of objects that all databases of the server share.
  var isOfServer: Bool { self == .shared || self == .server }

  /// Returns SQL for rows of (catalog, object, part, property, kind, identity, owner's address,
  /// node, detail).
  ///
  /// - Parameter last: the number of the newest relation to list, because newer relations cannot
  ///   have been lost; nil lists all relations.
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
      ObjectCatalogQueries.relations(range: range),
      flag("row security", range, "c.relrowsecurity"),
      flag("forced row security", range, "c.relforcerowsecurity"),
      flag(
        "logging", range,
        // A sequence belongs to its table.
        ObjectCatalogQueries.isLogged),
      flag("rows", range, "c.relispopulated AND c.relkind = 'm'"),
      flag("replica identity", range, "c.relreplident <> 'n' AND c.relkind IN ('r', 'p')"),
      ObjectCatalogQueries.viewOptions(range: range),
      ObjectCatalogQueries.parents(range: range),
    ]
  }

  /// Returns SQL that lists a property, such as row security, of the tables that have it.
  private static func flag(_ name: String, _ range: SQL, _ condition: SQL) -> SQL {
    ObjectCatalogQueries.flag(name: Literal(name), range: range, condition: condition)
  }

  // MARK: Columns

  /// Returns the queries for columns; an inherited column is listed as a part of the parent's
  /// column.
  private static func columnQueries(_ range: SQL) -> [SQL] {
    [
      ObjectCatalogQueries.columns(range: range),
      attribute("not null", range, "a.attnotnull"),
      attribute("identity", range, "a.attidentity <> ''"),
      attribute("generation", range, "a.attgenerated <> ''"),
    ]
  }

  private static func attribute(_ name: String, _ range: SQL, _ condition: SQL) -> SQL {
    ObjectCatalogQueries.attribute(name: Literal(name), range: range, condition: condition)
  }
}
