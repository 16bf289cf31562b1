/// How the settings of a session are treated when it is opened.
public enum SessionSettings: Sendable {
  /// What the program's own statements stand on is set, whatever the server, the database, the role
  /// or the operator has as defaults.
  case pinned
  /// The operator's statements meet their own settings, and queries of this program a search path
  /// that is theirs: for sessions that run migrations.
  case operators
  /// They stay as they are: for sessions that act as an application.
  case untouched
}

/// What a session had set when it was opened, and what this program has set in its place.
struct SessionPins {
  /// A setting on which this program's own statements stand.
  struct Setting {
    let name: String
    let value: String
    /// Triggers and defaults of an application may stand on it, too: they get the application's own.
    var isApplications = true
  }

  /// Nothing but the server's own schema is searched: an operator or a function that somebody has
  /// made elsewhere is never a better match, and a temporary table is never met first.
  static let searchPath = "pg_catalog, pg_temp"

  private static let fixed = [
    Setting(name: "search_path", value: searchPath),
    Setting(name: "standard_conforming_strings", value: "on"),
    // The ledger knows tables as `format` quotes them.
    Setting(name: "quote_all_identifiers", value: "off"),
    Setting(name: "transform_null_equals", value: "off"),
    Setting(name: "array_nulls", value: "on"),
    Setting(name: "DateStyle", value: "ISO, MDY"),
    Setting(name: "IntervalStyle", value: "postgres"),
    Setting(name: "TimeZone", value: "UTC"),
    Setting(name: "bytea_output", value: "hex"),
    Setting(name: "extra_float_digits", value: "1"),
    // Checks for those who write functions; this program's are not written for all of them.
    Setting(name: "plpgsql.extra_errors", value: "none"),
    Setting(name: "client_encoding", value: "UTF8", isApplications: false),
    Setting(name: "row_security", value: "on", isApplications: false),
    Setting(name: "check_function_bodies", value: "on", isApplications: false),
    Setting(
      name: "default_transaction_isolation", value: "read committed", isApplications: false),
    Setting(name: "default_transaction_deferrable", value: "off", isApplications: false),
  ]

  /// Settings that are asked for, and that are set only where they have a certain value.
  private static let conditional = ["synchronous_commit", "session_replication_role"]

  /// A pooler stands between: its sessions serve others as well, so nothing is set for longer than
  /// a transaction.
  let isPooled: Bool
  /// The schemas that names without one are looked for in, as the application's sessions have it;
  /// temporary ones are none of them.
  let schemas: [Identifier]
  /// What every setting was, by its name.
  let original: [String: String]

  /// What is set for the program's own statements.
  let pinned: [Setting]

  init(isPooled: Bool, schemas: [String], original: [String: String]) {
    self.isPooled = isPooled
    self.original = original
    self.schemas = schemas.filter { !Self.isTemporary($0) }.map { Identifier($0) }
    // An operator may well ask for more than `on`, or for no standby; not for commits that a crash
    // of the server takes back.
    let isOff = original["synchronous_commit"] == "off"
    pinned =
      Self.fixed
      + [
        Setting(
          name: "synchronous_commit",
          value: isOff ? "on" : original["synchronous_commit"] ?? "on", isApplications: false)
      ]
  }

  /// What is set while statements run that fire the application's triggers: its own values.
  ///
  /// Its search path has the server's schema first, and temporary tables last.
  var applications: [Setting] {
    pinned.filter(\.isApplications).map { setting in
      Setting(
        name: setting.name,
        value: setting.name == "search_path"
          ? applicationPath : original[setting.name] ?? setting.value)
    }
  }

  private var applicationPath: String {
    (schemas.filter { $0 != "pg_catalog" }.map(\.quoted) + ["pg_temp"]).joined(separator: ", ")
  }

  /// True for the schema of a session's temporary tables, whichever session's.
  static func isTemporary(_ schema: String) -> Bool {
    schema == "pg_temp" || schema.hasPrefix("pg_temp_") || schema.hasPrefix("pg_toast_temp_")
  }

  /// One query that sets all of them; no operator stands in it.
  static func statement(_ settings: [Setting], isLocal: Bool) -> SQL {
    let calls = settings.map { setting -> SQL in
      let scope: SQL = isLocal ? "true" : "false"
      return "pg_catalog.set_config(\(Literal(setting.name)), \(Literal(setting.value)), \(scope))"
    }
    return "SELECT \(SQL.joined(calls, separator: ", "))"
  }

  /// Asks for everything that `init` takes, in one query without an operator; one row for each
  /// schema.
  static var question: SQL {
    let values = names.map { name -> SQL in
      "pg_catalog.current_setting(\(Literal(name)), true)"
    }
    return """
      SELECT pg_catalog.pg_backend_pid(),
             pg_catalog.unnest(pg_catalog.current_schemas(true))::pg_catalog.text,
             \(SQL.joined(values, separator: ", "))
      """
  }

  /// What is asked for, in the order of the question's columns.
  static let names = fixed.map(\.name) + conditional

  /// What follows BEGIN behind a pooler, whose session may be another one in every transaction.
  var afterBegin: SQL {
    let settings = pinned.map { setting -> SQL in
      "SET LOCAL \(Identifier(setting.name)) TO \(Self.value(of: setting))"
    }
    // Who may not change it may not set it to what it is, either.
    let role: SQL = """
      SELECT set_config('session_replication_role', 'origin', true)
      WHERE current_setting('session_replication_role') <> 'origin'
      """
    return SQL.joined(settings + [role], separator: "; ")
  }

  /// The path is a list of names; everything else is one value.
  private static func value(of setting: Setting) -> SQL {
    setting.name == "search_path" ? SQL(script: setting.value) : "\(Literal(setting.value))"
  }
}
