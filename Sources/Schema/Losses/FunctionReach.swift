internal import SQLText
internal import Postgres

/// The functions of a database whose code does something special, and what a statement has to name
/// so that one of them may run: it, a function that calls it, a table whose trigger it is, a table
/// whose rows refer to such a one.
///
/// It goes by names, so that it holds too much possible rather than too little. A name that code puts
/// together from pieces it does not see.
struct FunctionReach {
  /// Names that any statement may run it by, and why.
  private var names: [String: String] = [:]
  /// Names of tables that run it where their rows are written.
  private var tables: [String: String] = [:]
  /// Set where it may run with whatever statement.
  private var everywhere: String?

  /// True where no function does it.
  var isEmpty: Bool { names.isEmpty && tables.isEmpty && everywhere == nil }

  /// One function, as far as its code can be read.
  struct Function {
    let number: Int
    let name: String
    let code: CodeWords
    /// Its own settings.
    let settings: String
    /// False for a language in which code may do anything.
    let isTrusted: Bool
  }

  /// What the statement may run; nil where nothing of it.
  func effect(of statement: SQLStatement) -> String? {
    if isEmpty { return nil }
    if let everywhere { return everywhere }
    guard statement.runsCode else { return nil }
    let words = CodeWords(statement.text).words
    if let name = words.first(where: { names[$0] != nil }) { return names[name] }
    guard statement.mayWriteRows else { return nil }
    return words.first { tables[$0] != nil }.flatMap { tables[$0] }
  }

  // MARK: Reading

  /// Finds the functions for which `trait` says something; only where there is one all are read.
  ///
  /// - Parameter pattern: what the code or the settings of each such function match.
  static func read(
    matching pattern: String, on connection: Connection, trait: (Function) -> String?
  ) throws(PostgresError) -> FunctionReach {
    var reach = FunctionReach()
    let suspects = try functions(
      on: connection,
      where: """
        NOT l.lanpltrusted OR p.prosrc ~* \(Literal(pattern))
        OR p.proconfig::text ~* \(Literal(pattern)) OR p.prosrc = ''
        """)
    var hot: [Int: String] = [:]
    for function in suspects {
      if let effect = trait(function) { hot[function.number] = effect }
    }
    guard !hot.isEmpty else { return reach }
    reach.spread(
      from: hot, through: try functions(on: connection, where: "true"),
      along: try Edge.read(connection))
    return reach
  }

  private static func functions(on connection: Connection, where condition: SQL)
    throws(PostgresError) -> [Function]
  {
    let body: SQL =
      connection.serverVersion >= 140_000
      ? "coalesce(nullif(p.prosrc, ''), pg_get_function_sqlbody(p.oid), '')" : "p.prosrc"
    let rows = try connection.query(
      """
      SELECT p.oid::bigint, p.proname::text, \(body), coalesce(p.proconfig::text, ''), l.lanpltrusted
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND (\(condition))
      """)
    return try rows.map { (row) throws(PostgresError) in
      Function(
        number: try rows.value(row, 0), name: try rows.value(row, 1, as: String.self).lowercased(),
        code: CodeWords(try rows.value(row, 2)), settings: try rows.value(row, 3),
        isTrusted: try rows.value(row, 4))
    }
  }

  // MARK: Spreading

  /// Follows what runs what until nothing new is found.
  private mutating func spread(
    from start: [Int: String], through functions: [Function], along edges: [Edge]
  ) {
    var hot: [Edge.End: String] = [:]
    var open: [Edge.End] = []
    func add(_ end: Edge.End, _ effect: String) {
      guard hot[end] == nil else { return }
      hot[end] = effect
      open.append(end)
    }
    let code = functions.map { (function: $0, words: $0.code.words) }
    let byStart = Dictionary(grouping: edges, by: \.from)
    for (number, effect) in start { add(.function(number), effect) }
    var callNames: [Edge.End: String] = [:]
    for function in functions { callNames[.function(function.number)] = function.name }
    while let end = open.popLast(), let effect = hot[end] {
      for edge in byStart[end] ?? [] {
        if edge.to == .everything { everywhere = effect }
        callNames[edge.to] = callNames[edge.to] ?? edge.name.lowercased()
        add(edge.to, effect)
      }
      guard let name = callNames[end] else { continue }
      if case .written = end { tables[name] = effect } else { names[name] = effect }
      for (function, words) in code where words.contains(name) {
        if case .written = end, words.isDisjoint(with: Self.writingWords) { continue }
        add(.function(function.number), effect)
      }
    }
  }

  private static let writingWords: Set = [
    "insert", "update", "delete", "merge", "truncate", "copy", "execute",
  ]
}
