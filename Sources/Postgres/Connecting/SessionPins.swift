/// The treatment of a session's settings when the session is opened.
public enum SessionSettings: Sendable {
  /// The settings on which the program's own statements depend are set, whatever the defaults of
  /// the server, the database, the role or the operator are.
  case pinned
  /// The operator's statements run with their own settings, and queries of this program with its
  /// own search path: for sessions that run migrations.
  case operators
  /// The settings stay unchanged: for sessions that act as an application.
  case untouched
}

/// The settings of a session when it was opened, and the values that this program sets.
struct SessionPins {
  /// A setting on which this program's own statements depend.
  struct Setting {
    let name: String
    let value: String
    /// True where triggers and defaults of an application may depend on the setting, too;
    /// statements that fire them run with the application's own value.
    var isApplications = true
  }

  /// The search path: only the server's own schema is searched, so that an operator or a function
  /// made elsewhere is never a better match, and a temporary table is never found first.
  static let searchPath = "pg_catalog, pg_temp"

  private static let fixed = [
    Setting(name: "search_path", value: searchPath),
    Setting(name: "standard_conforming_strings", value: "on"),
    // The ledger stores table names as `format` quotes them.
    Setting(name: "quote_all_identifiers", value: "off"),
    Setting(name: "transform_null_equals", value: "off"),
    Setting(name: "array_nulls", value: "on"),
    Setting(name: "DateStyle", value: "ISO, MDY"),
    Setting(name: "IntervalStyle", value: "postgres"),
    Setting(name: "TimeZone", value: "UTC"),
    Setting(name: "bytea_output", value: "hex"),
    Setting(name: "extra_float_digits", value: "1"),
    // Checks for authors of functions; this program's functions are not written for all of them.
    Setting(name: "plpgsql.extra_errors", value: "none"),
    Setting(name: "client_encoding", value: "UTF8", isApplications: false),
    Setting(name: "row_security", value: "on", isApplications: false),
    Setting(name: "check_function_bodies", value: "on", isApplications: false),
    Setting(
      name: "default_transaction_isolation", value: "read committed", isApplications: false),
    Setting(name: "default_transaction_deferrable", value: "off", isApplications: false),
  ]

  /// The settings that are read, and changed only where they have a value that this program cannot
  /// use.
  private static let conditional = ["synchronous_commit", "session_replication_role"]

  /// True behind a pooler: its sessions serve other clients as well, so nothing is set for longer
  /// than a transaction.
  let isPooled: Bool
  /// The schemas in which the application's sessions look up names without a schema; those of
  /// temporary tables are left out.
  let schemas: [Identifier]
  /// The original value of every setting, by name.
  let original: [String: String]

  /// The settings for the program's own statements.
  let pinned: [Setting]

  init(isPooled: Bool, schemas: [String], original: [String: String]) {
    self.isPooled = isPooled
    self.original = original
    self.schemas = schemas.filter { !Self.isTemporary($0) }.map { Identifier($0) }
    // An operator may choose every other value, but not `off`: a crash of the server would lose
    // commits.
    let isOff = original["synchronous_commit"] == "off"
    pinned =
      Self.fixed
      + [
        Setting(
          name: "synchronous_commit",
          value: isOff ? "on" : original["synchronous_commit"] ?? "on", isApplications: false)
      ]
  }

  /// The settings for statements that fire the application's triggers: the application's own
  /// values.
  ///
  /// The search path has the server's schema first, and temporary tables last.
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

  /// Returns true for the schema of any session's temporary tables.
  static func isTemporary(_ schema: String) -> Bool {
    schema == "pg_temp" || schema.hasPrefix("pg_temp_") || schema.hasPrefix("pg_toast_temp_")
  }

  /// Creates one query that sets all settings; the query uses no SQL operator.
  static func statement(_ settings: [Setting], isLocal: Bool) -> SQL {
    let calls = settings.map { setting -> SQL in
      let scope: SQL = isLocal ? "true" : "false"
      return "pg_catalog.set_config(\(Literal(setting.name)), \(Literal(setting.value)), \(scope))"
    }
    return "SELECT \(SQL.joined(calls, separator: ", "))"
  }

  /// The query for all values that `init` needs, with one row for each schema; it uses no SQL
  /// operator.
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

  /// The names of the settings, in the order of the query's columns.
  static let names = fixed.map(\.name) + conditional

  /// The query that makes the settings after each BEGIN behind a pooler, whose session may change
  /// with every transaction.
  var afterBegin: SQL {
    let settings = pinned.map { setting -> SQL in
      "SET LOCAL \(Identifier(setting.name)) TO \(Self.value(of: setting))"
    }
    // A role that may not change the setting may not set it to its present value, either.
    let role: SQL = """
      SELECT set_config('session_replication_role', 'origin', true)
      WHERE current_setting('session_replication_role') <> 'origin'
      """
    return SQL.joined(settings + [role], separator: "; ")
  }

  /// Returns the value of a setting in SQL: a list of names for the search path, one value for
  /// every other setting.
  private static func value(of setting: Setting) -> SQL {
    setting.name == "search_path" ? SQL(script: setting.value) : "\(Literal(setting.value))"
  }
}
