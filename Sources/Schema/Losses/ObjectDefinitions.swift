internal import Postgres

/// The definitions of safeguards, views, functions and the like, to find objects that have another
/// meaning under the same name.
///
/// The stored definitions are compared by digests, which is quick. Only where two digests differ
/// are both definitions written out and compared as text.
struct ObjectDefinitions {
  typealias Key = CatalogObject.Key

  /// A definition, as the digest of what the catalogue stores.
  struct Stored: Equatable {
    let digest: String
    /// The name of the object; nil where the name is in an `ObjectSnapshot`.
    let name: String?
  }

  private(set) var stored: [Key: Stored] = [:]

  /// An object that has another definition under the same name.
  struct Change: Equatable {
    let name: String
    let before: Key
    let after: Key
    /// True where the object protects data, so that the change is a loss.
    let isSafeguard: Bool
  }

  /// The system catalogues from which the definitions are read.
  static let sources: Set<String> = [
    "pg_constraint", "pg_trigger", "pg_policy", "pg_rewrite", "pg_proc", "pg_index", "pg_sequence",
    "pg_user_mapping", "pg_foreign_server", "pg_foreign_data_wrapper", "pg_foreign_table",
    "pg_publication", "pg_publication_rel", "pg_database",
    roles,
  ]

  /// The catalogue of roles; few roles may read the passwords in this catalogue.
  static let roles = "pg_authid"

  /// The catalogues with definitions that all databases of a server share, by their numbers, which
  /// are the same on every server.
  static let shared = [1260: roles, 1262: "pg_database"]

  /// Returns true where the session may read the passwords of roles.
  static func includePasswords(_ connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar("SELECT has_table_privilege(\(roles), 'SELECT')") ?? false
  }

  static func read(_ connection: Connection, withPasswords: Bool) throws(PostgresError)
    -> ObjectDefinitions
  {
    let pieces =
      [ObjectDefinitionsQueries.digests] + OptionHolder.all.map(\.definitions)
      + (withPasswords ? [passwords] : [])
    let rows = try connection.query(SQL.joined(pieces, separator: " UNION ALL "))
    var found = ObjectDefinitions()
    for row in 0..<rows.rowCount {
      let key = Key(
        catalog: try rows.value(row, 0), object: try rows.value(row, 1),
        property: try rows.value(row, 2))
      found.stored[key] = Stored(digest: try rows.value(row, 3), name: try rows.optional(row, 4))
    }
    return found
  }

  /// The SQL for the digests of passwords; for a role without a password the digest is empty,
  /// because no password can be lost.
  private static let passwords: SQL = """
    SELECT 'pg_authid'::regclass::oid, r.oid, 'password', coalesce(md5(rolpassword), ''),
           format('role %I', rolname)
    FROM pg_authid r WHERE rolname !~ '^pg_'
    """

  /// Returns the definition of an object, as the server writes it; nil where the object does not
  /// exist.
  ///
  /// Where the text must not be shown (`hidesDefinition`), returns a digest of it.
  static func text(of key: Key, on connection: Connection) throws(PostgresError) -> String? {
    let number: SQL = "\(key.object)::bigint::oid"
    let query: SQL =
      switch key.property {
      case "view": "SELECT pg_get_viewdef(\(number))"
      case "unique", "index": "SELECT pg_get_indexdef(\(number))"
      case "numbering", "sequence":
        ObjectDefinitionsQueries.sequence(object: number)
      case "limits":
        """
        SELECT format('CONNECTION LIMIT %s VALID UNTIL %s', rolconnlimit,
          coalesce(rolvaliduntil::text, 'infinity')) FROM pg_roles WHERE oid = \(number)
        """
      case "connections":
        """
        SELECT format('CONNECTION LIMIT %s ALLOW_CONNECTIONS %s', datconnlimit, datallowconn)
        FROM pg_database WHERE oid = \(number)
        """
      case "operations":
        ObjectDefinitionsQueries.publication(object: number)
      case "published":
        """
        SELECT md5(concat_ws('|', to_jsonb(p) ->> 'prattrs', ' ', to_jsonb(p) ->> 'prqual'))
        FROM pg_publication_rel p WHERE p.oid = \(number)
        """
      case "closed":
        """
        SELECT coalesce(string_agg(f.oid::regprocedure::text, ', ' ORDER BY f.oid), 'none')
        FROM pg_proc f WHERE f.oid < 16384 AND f.proacl IS NOT NULL AND NOT EXISTS (
          SELECT FROM aclexplode(f.proacl) g WHERE g.grantee = 0)
        """
      case "password": "SELECT coalesce(md5(rolpassword), '') FROM pg_authid WHERE oid = \(number)"
      case _ where key.isOption: OptionHolder.digest(of: key)
      case "body":
        """
        SELECT md5(concat_ws('|', l.lanname, provolatile, proisstrict, prorettype::regtype, prosrc,
          probin, to_jsonb(f) ->> 'prosqlbody')) FROM pg_proc f JOIN pg_language l ON l.oid = prolang
        WHERE f.oid = \(number)
        """
      case "security":
        """
        SELECT concat_ws(', ', CASE WHEN prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END,
          CASE WHEN proleakproof THEN 'LEAKPROOF' END, array_to_string(proconfig, ', '))
        FROM pg_proc WHERE oid = \(number)
        """
      default:
        ObjectDefinitionsQueries.constraintOrCode(object: number, catalog: key.catalog)
      }
    return try connection.scalar(query)
  }

  /// Finds the objects that have a definition now and in `start`, under the same name, and where
  /// the two definitions differ.
  ///
  /// - Parameters:
  /// - before: returns the name of an object in `start`.
  /// - after: returns the name of an object now.
  func changes(
    since start: ObjectDefinitions, before: (Key) -> String?, after: (Key) -> String?
  ) -> [Change] {
    // Most definitions are unchanged, and their names are not needed.
    let old = start.stored.filter { stored[$0.key]?.digest != $0.value.digest }
    let new = stored.filter { start.stored[$0.key]?.digest != $0.value.digest }
    guard !old.isEmpty, !new.isEmpty else { return [] }
    var named: [String: Key] = [:]
    for (key, definition) in new {
      guard let name = definition.name ?? after(key.whole) else { continue }
      named["\(key.kind) \(name)"] = key
    }
    return old.compactMap { key, definition -> Change? in
      guard !definition.digest.isEmpty, let name = definition.name ?? before(key.whole),
        // A role may lose its password by being renamed.
        let match = named["\(key.kind) \(name)"] ?? (key.property == "password" ? key : nil),
        stored[match]?.digest != definition.digest
          || match.property != key.property
      else { return nil }
      return Change(
        name: key.title(of: name), before: key, after: match, isSafeguard: key.isSafeguard)
    }.sorted { ($0.name, $0.isSafeguard ? 0 : 1) < ($1.name, $1.isSafeguard ? 0 : 1) }
  }
}

extension CatalogObject.Key {
  /// The kind of the definition; a unique index and one without UNIQUE are of the same kind, so
  /// that they are compared.
  fileprivate var kind: String { property == "unique" ? "index" : property }

  fileprivate var isSafeguard: Bool {
    !["view", "body", "index", "sequence"].contains(property)
  }

  /// True for an option of a foreign server, a user mapping and the like.
  fileprivate var isOption: Bool { property.hasPrefix("option ") }

  /// True where only a digest is known, or where the definition must not be shown.
  var hidesDefinition: Bool { isOption || ["body", "password", "published"].contains(property) }

  /// Returns the name that the operator sees for a changed definition.
  fileprivate func title(of name: String) -> String {
    switch property {
    case "security", "limits", "password", "operations", "connections": "\(property) of \(name)"
    case "closed": "closing of \(name)"
    case _ where isOption: name
    default: "definition of \(name)"
    }
  }
}
