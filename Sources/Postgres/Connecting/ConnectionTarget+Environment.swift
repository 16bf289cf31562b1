extension ConnectionTarget {
  /// Finds the database that an option or the environment names; nil where neither names one.
  ///
  /// The first of these that is set takes precedence: the option, `DATABASE_URL`,
  /// `NEON_DATABASE_URL`, `POSTGRES_*`, Supabase's pair, libpq's own `PG*`. An empty variable
  /// counts as not set.
  public static func resolve(option: String?, environment: [String: String])
    throws(PostgresError) -> ConnectionTarget?
  {
    let variables = environment.filter { !$0.value.isEmpty }
    if let option { return try ConnectionTarget(source: "--database-url", url: option) }
    for name in ["DATABASE_URL", "NEON_DATABASE_URL"] {
      if let url = variables[name] { return try ConnectionTarget(source: name, url: url) }
    }
    if let target = try container(variables) { return target }
    if let target = try supabase(variables) { return target }
    return try native(variables)
  }

  /// Reads the variables of container images and compose files.
  private static func container(_ variables: [String: String]) throws(PostgresError)
    -> ConnectionTarget?
  {
    let names = ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD"]
    guard (names + ["POSTGRES_DB"]).contains(where: { variables[$0] != nil }) else { return nil }
    let user = variables["POSTGRES_USER"] ?? "postgres"
    var parameters = [
      ("host", variables["POSTGRES_HOST"] ?? "localhost"),
      ("port", variables["POSTGRES_PORT"] ?? "5432"),
      ("user", user),
      ("dbname", variables["POSTGRES_DB"] ?? user),
    ]
    if let password = variables["POSTGRES_PASSWORD"] { parameters.append(("password", password)) }
    if let mode = variables["POSTGRES_SSLMODE"] { parameters.append(("sslmode", mode)) }
    return try checked("POSTGRES_*", parameters)
  }

  /// Reads Supabase's variables, which name a project (`https://<ref>.supabase.co`) or, in scripts,
  /// a database URL.
  private static func supabase(_ variables: [String: String]) throws(PostgresError)
    -> ConnectionTarget?
  {
    let source = "SUPABASE_URL"
    let names = [source, "SUPABASE_DB_PASSWORD"]
    guard names.contains(where: { variables[$0] != nil }) else { return nil }
    guard let url = variables[names[0]], let password = variables[names[1]] else {
      let missing = names.first { variables[$0] == nil } ?? ""
      throw .configuration(source: source, reason: "\(missing) is not set; set both or neither")
    }
    if url.hasPrefix("postgres") {
      return try ConnectionTarget(source: source, url: url).adding(password: password)
    }
    let host = url.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    guard url.hasPrefix("https://"), host.contains(".") else {
      throw .configuration(
        source: source, reason: "expected https://<project>.supabase.co or a postgresql:// URL")
    }
    return ConnectionTarget(
      source: source,
      parameters: [
        ("host", "db.\(host)"), ("port", "5432"), ("user", "postgres"), ("dbname", "postgres"),
        ("password", password), ("sslmode", "require"),
      ])
  }

  /// Reads libpq's own variables, but only for the description of the target: libpq itself uses
  /// them.
  private static func native(_ variables: [String: String]) throws(PostgresError)
    -> ConnectionTarget?
  {
    let keywords = [
      ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGUSER", "user"),
      ("PGDATABASE", "dbname"), ("PGSERVICE", "service"),
      ("PGCONNECT_TIMEOUT", "connect_timeout"), ("PGPASSWORD", "password"),
    ]
    let others = ["PGSERVICEFILE", "PGPASSFILE", "PGSSLMODE"]
    let parameters = keywords.compactMap { name, keyword in
      variables[name].map { (keyword, $0) }
    }
    guard !parameters.isEmpty || others.contains(where: { variables[$0] != nil }) else {
      return nil
    }
    return try checked("PG*", parameters)
  }

  private static func checked(
    _ source: String, _ parameters: [(keyword: String, value: String)]
  ) throws(PostgresError) -> ConnectionTarget {
    let names = parameters.filter { $0.keyword != "password" }
    try refuseMisread(
      Dictionary(names.map { ($0.keyword, $0.value) }, uniquingKeysWith: { $1 }), source: source)
    return ConnectionTarget(source: source, parameters: parameters)
  }

  /// Returns the same target with this password, which replaces a password in its URL.
  private func adding(password: String) -> ConnectionTarget {
    ConnectionTarget(source: source, parameters: parameters + [("password", password)], like: self)
  }
}

extension EmbeddedServerAddress {
  /// The address of the embedded server as a target, in single parameters: the socket's directory
  /// may contain characters that a URL must escape.
  public var target: ConnectionTarget {
    ConnectionTarget(
      source: "embedded server",
      parameters: [
        ("host", socketDirectory), ("port", String(port)), ("user", user), ("dbname", database),
      ])
  }
}
