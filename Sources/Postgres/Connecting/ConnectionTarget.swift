internal import CLibPQ

/// The address of a database with the settings for connecting to it; the description omits the
/// password.
public struct ConnectionTarget: Sendable, CustomStringConvertible {
  /// The source that named the database: an option, a variable, a file.
  public let source: String
  /// libpq's keywords and values; a whole URL is the value of `dbname`.
  let parameters: [(keyword: String, value: String)]
  /// The target as `postgresql://user@host:port/database`.
  public let description: String
  /// The seconds after which a connection attempt ends.
  public let connectTimeout: Int
  /// The name of the database; nil where libpq or a service file chooses it.
  public let database: String?
  /// The texts that must not appear in any message.
  private let secrets: [String]

  /// Creates a target from single parameters.
  public init(source: String, parameters: [(keyword: String, value: String)]) {
    self.init(source: source, parameters: parameters, database: nil)
  }

  /// Creates a target whose `dbname` may be a connection string; `name` is then the name of the
  /// database.
  init(source: String, parameters: [(keyword: String, value: String)], database name: String?) {
    self.source = source
    self.parameters = parameters
    var facts = Dictionary(
      parameters.map { ($0.keyword, $0.value) }, uniquingKeysWith: { _, last in last })
    if let name { facts["dbname"] = name }
    description = Self.describe(facts)
    connectTimeout = Self.timeout(facts["connect_timeout"])
    database = facts["dbname"] ?? facts["user"]
    secrets = Self.secrets(in: facts)
  }

  /// Creates a target from a URL or a keyword string, checked by libpq's own parser.
  public init(source: String, url: String) throws(PostgresError) {
    let plain = Self.withoutDriver(url)
    try Self.refuseOtherScheme(plain, source: source)
    let facts = try Self.parse(plain, source: source)
    self.source = source
    parameters = [("dbname", plain)]
    description = Self.describe(facts)
    connectTimeout = Self.timeout(facts["connect_timeout"])
    database = facts["dbname"] ?? facts["user"]
    secrets = Self.secrets(in: facts) + Self.writtenPasswords(in: plain)
  }

  /// Creates a target with changed parameters and the description of another target.
  init(
    source: String, parameters: [(keyword: String, value: String)], like other: ConnectionTarget
  ) {
    self.source = source
    self.parameters = parameters
    description = other.description
    connectTimeout = other.connectTimeout
    database = other.database
    secrets = other.secrets + parameters.filter { $0.keyword == "password" }.map(\.value)
  }

  /// Creates a target for another database of the same server, reached in the same way.
  public func naming(database: String) -> ConnectionTarget {
    // After a whole URL, libpq reads a second `dbname` as a plain name.
    ConnectionTarget(source: source, parameters: parameters + [("dbname", database)], like: self)
  }

  /// The parameters for libpq: first the target's own, then the parameters that every session of
  /// this program has.
  var libpqParameters: [(keyword: String, value: String)] {
    parameters + [
      ("client_encoding", "UTF8"),
      ("fallback_application_name", "vector-ferry"),
    ]
  }

  /// Removes all passwords from `message`.
  public func redacted(_ message: String) -> String {
    Self.redact(message, secrets: secrets)
  }
}

extension ConnectionTarget {
  private static let defaultTimeout = 5

  static func timeout(_ text: String?) -> Int {
    // libpq treats 1 as 2, and zero or less as no limit; a run must report within ten seconds.
    guard let seconds = text.flatMap({ Int($0) }), seconds > 0 else { return defaultTimeout }
    return max(2, seconds)
  }

  /// Removes the driver that frameworks add to the scheme (`postgresql+psycopg2://`), which libpq
  /// does not know.
  private static func withoutDriver(_ url: String) -> String {
    for scheme in ["postgresql+", "postgres+"] where url.hasPrefix(scheme) {
      guard let colon = url.firstIndex(of: ":") else { return url }
      return "postgresql" + url[colon...]
    }
    return url
  }

  /// Refuses the URL of something else than PostgreSQL, which libpq would read as a keyword string.
  private static func refuseOtherScheme(_ url: String, source: String) throws(PostgresError) {
    guard let end = url.firstRange(of: "://")?.lowerBound else { return }
    let scheme = url[..<end]
    let isWord = scheme.utf8.allSatisfy { (97...122).contains($0 | 32) || $0 == 43 || $0 == 45 }
    guard isWord, !["postgresql", "postgres"].contains(scheme) else { return }
    throw .configuration(
      source: source,
      reason: "a URL that begins with \(scheme.prefix(20)):// is no address of a PostgreSQL "
        + "database; it must begin with postgresql://")
  }

  private static func parse(_ text: String, source: String) throws(PostgresError)
    -> [String: String]
  {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      defer { PQfreemem(message) }
      let reason = message.map { String(cString: $0).singleLine } ?? "out of memory"
      throw .configuration(source: source, reason: "not a connection URL: " + withoutQuotes(reason))
    }
    defer { PQconninfoFree(options) }
    var facts: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        facts[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    try refuseMisread(facts, source: source)
    return facts
  }

  /// Refuses a password with an unescaped `/` or `@`, because libpq would read parts of the
  /// password as host, port or database.
  static func refuseMisread(_ facts: [String: String], source: String) throws(PostgresError) {
    let ports = facts["port"] ?? ""
    let names = [facts["host"], facts["hostaddr"], facts["dbname"], facts["user"]]
    let isMisread =
      !ports.utf8.allSatisfy { (48...57).contains($0) || $0 == 44 }
      || names.contains { name in
        guard let name else { return false }
        return name.contains("://") || name.contains("@") || name.contains("password=")
      }
    guard isMisread else { return }
    throw .configuration(
      source: source,
      reason: "a password that holds / or @ must be percent-encoded (%2F, %40), and a database's "
        + "name cannot be a URL")
  }

  private static func describe(_ facts: [String: String]) -> String {
    if let service = facts["service"], facts["host"] == nil { return "service \(service)" }
    let host = facts["host"] ?? facts["hostaddr"] ?? "localhost"
    let user = facts["user"].map { "\($0)@" } ?? ""
    let database = facts["dbname"] ?? facts["user"] ?? ""
    if host.hasPrefix("/") { return "postgresql://\(user)/\(database) (socket in \(host))" }
    let port = facts["port"].map { ":\($0)" } ?? ""
    return "postgresql://\(user)\(host)\(port)/\(database)"
  }

  private static func secrets(in facts: [String: String]) -> [String] {
    ["password", "sslpassword"].compactMap { facts[$0] }
  }

  /// Removes quoted parts from a message, because any part of a mistyped address may be a piece of
  /// the password.
  private static func withoutQuotes(_ message: String) -> String {
    guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"") else {
      return message
    }
    return message[..<first] + "\"…" + message[last...]
  }

  /// Finds passwords in the form that they have in the text, percent-encoded or quoted, so that
  /// they can be removed from messages that repeat the text.
  private static func writtenPasswords(in text: String) -> [String] {
    var found: [String] = []
    if let start = text.firstRange(of: "://")?.upperBound {
      let authority = text[start...].prefix { $0 != "/" && $0 != "?" }
      if let at = authority.lastIndex(of: "@") {
        let credentials = authority[..<at]
        if let colon = credentials.firstIndex(of: ":") {
          found.append(String(credentials[credentials.index(after: colon)...]))
        }
      }
    }
    for marker in ["password=", "sslpassword="] {
      for range in text.ranges(of: marker) {
        found.append(String(text[range.upperBound...].prefix { $0 != " " && $0 != "&" }))
      }
    }
    return found
  }

  private static func redact(_ message: String, secrets: [String]) -> String {
    // The longest first, because a short secret may be part of a longer one.
    secrets.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
      .reduce(message) { $0.replacing($1, with: "…") }
  }
}
