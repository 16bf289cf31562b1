internal import Postgres

/// The definitions of safeguards, views and functions, which show whether one of them has another
/// meaning under the same name.
///
/// The definitions in the catalogue are hashed, which is cheap; only where the hashes differ are
/// both definitions written out and compared as text.
struct ObjectDefinitions {
  typealias Key = CatalogObject.Key

  /// A definition as the catalogue stores it.
  struct Stored: Equatable {
    let digest: String
    /// The name of the object, if no other list contains the name.
    let name: String?
  }

  private(set) var stored: [Key: Stored] = [:]

  /// A name whose meaning has changed.
  struct Change: Equatable {
    let name: String
    let before: Key
    let after: Key
    /// True where the object protects something, so that the change counts as a loss.
    let isSafeguard: Bool
  }

  /// The system catalogues that the definitions are read from.
  static let sources: Set<String> = [
    "pg_constraint", "pg_trigger", "pg_policy", "pg_rewrite", "pg_proc", "pg_index", "pg_sequence",
    "pg_user_mapping", "pg_foreign_server", "pg_foreign_data_wrapper", "pg_foreign_table",
    "pg_publication", "pg_publication_rel", "pg_database",
    roles,
  ]

  /// The catalogue of roles; few roles may read the passwords in it.
  static let roles = "pg_authid"

  /// Returns true where the session may read the passwords of roles.
  static func includePasswords(_ connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar("SELECT has_table_privilege(\(roles), 'SELECT')") ?? false
  }

  static func read(_ connection: Connection, withPasswords: Bool) throws(PostgresError)
    -> ObjectDefinitions
  {
    let pieces = [query] + OptionHolder.all.map(\.definitions) + (withPasswords ? [passwords] : [])
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

  private static let query: SQL = """
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
    """

  /// The SQL for passwords; the digest of a role without a password is empty, because it can lose
  /// none.
  private static let passwords: SQL = """
    SELECT 'pg_authid'::regclass::oid, r.oid, 'password', coalesce(md5(rolpassword), ''),
           format('role %I', rolname)
    FROM pg_authid r WHERE rolname !~ '^pg_'
    """

  /// Returns the definition of an object, as the server writes it; nil where the object does not
  /// exist.
  static func text(of key: Key, on connection: Connection) throws(PostgresError) -> String? {
    let number: SQL = "\(key.object)::bigint::oid"
    let query: SQL =
      switch key.property {
      case "view": "SELECT pg_get_viewdef(\(number))"
      case "unique", "index": "SELECT pg_get_indexdef(\(number))"
      case "numbering", "sequence":
        """
        SELECT format('AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
          seqtypid::regtype, seqincrement, seqmin, seqmax, seqstart, seqcache,
          CASE WHEN seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
        FROM pg_sequence WHERE seqrelid = \(number)
        """
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
        """
        SELECT concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN
          'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN
          'truncate' END, CASE WHEN puballtables THEN 'of all tables' END)
        FROM pg_publication WHERE oid = \(number)
        """
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
        """
        SELECT coalesce(
          (SELECT pg_get_constraintdef(oid) FROM pg_constraint
           WHERE oid = \(number) AND tableoid = \(key.catalog)::bigint::oid),
          (SELECT pg_get_triggerdef(oid) FROM pg_trigger
           WHERE oid = \(number) AND tableoid = \(key.catalog)::bigint::oid),
          (SELECT pg_get_ruledef(oid) FROM pg_rewrite
           WHERE oid = \(number) AND tableoid = \(key.catalog)::bigint::oid),
          (SELECT concat_ws(' ', CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
             'FOR', polcmd, 'TO', (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE
               r::regrole::text END, ', ' ORDER BY r) FROM unnest(polroles) AS a(r)),
             'USING', pg_get_expr(polqual, polrelid), 'CHECK', pg_get_expr(polwithcheck, polrelid))
           FROM pg_policy WHERE oid = \(number) AND tableoid = \(key.catalog)::bigint::oid))
        """
      }
    return try connection.scalar(query)
  }

  /// Finds the objects whose definition differs from that in `start`, by their names.
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
  /// The kind of definition; a unique index that is created again without UNIQUE is the same index.
  fileprivate var kind: String { property == "unique" ? "index" : property }

  fileprivate var isSafeguard: Bool {
    !["view", "body", "index", "sequence"].contains(property)
  }

  /// True for an option of a foreign server, a user mapping and the like.
  fileprivate var isOption: Bool { property.hasPrefix("option ") }

  /// True where only a digest is known, or where the definition must not be shown.
  var hidesDefinition: Bool { isOption || ["body", "password", "published"].contains(property) }

  /// Returns the name of a definition in reports.
  fileprivate func title(of name: String) -> String {
    switch property {
    case "security", "limits", "password", "operations", "connections": "\(property) of \(name)"
    case "closed": "closing of \(name)"
    case _ where isOption: name
    default: "definition of \(name)"
    }
  }
}
