internal import SQLText
internal import Postgres

/// Shows which statements may run a function with a special effect, such as setting a sequence.
///
/// A statement may run such a function where it names the function, another function that calls it,
/// a table with a trigger that calls it, or a table whose rows refer to such a table. Only names
/// are compared, so that too many statements are found rather than too few. Names that code puts
/// together from parts are not found.
struct FunctionReach {
  /// The names that show, in any statement, that a function with the effect may run; each with the
  /// effect.
  private var names: [String: String] = [:]
  /// The names of tables that run a function with the effect when their rows are written; each with
  /// the effect.
  private var tables: [String: String] = [:]
  /// The names of tables that run a function with the effect when their rows are checked or stored
  /// again; each with the effect.
  private var rebuilt: [String: String] = [:]
  /// The effect that a statement may have whatever names it contains, for example because an event
  /// trigger runs the function; nil where only statements with certain names may have an effect.
  private var everywhere: String?

  /// True where no statement can run a function with the effect.
  var isEmpty: Bool {
    names.isEmpty && tables.isEmpty && rebuilt.isEmpty && everywhere == nil
  }

  /// A function whose code the program can read.
  struct Function {
    let number: Int
    let name: String
    let code: CodeWords
    /// The settings in the function's own SET clauses.
    let settings: String
    /// False for a language in which code may do anything.
    let isTrusted: Bool
    /// True where the function is declared VOLATILE, so that it may write.
    let isVolatile: Bool
  }

  /// A choice of functions in machine code, from the server or a library, by their names in that
  /// code.
  struct Machine {
    /// The pattern that the names in the machine code match.
    let symbols: String
    /// Returns the effect of a function, by its name in SQL and its name in the machine code.
    let effect: (_ name: String, _ symbol: String) -> String
    /// Returns true for a function's name in SQL where statements with that name are found in
    /// another way.
    let isKnown: (String) -> Bool
  }

  /// Returns the effect that a statement may have; nil where the statement has no effect.
  func effect(of statement: SQLStatement) -> String? {
    if isEmpty { return nil }
    if let everywhere { return everywhere }
    guard statement.runsCode else { return nil }
    let words = CodeWords(statement.text).words
    if let name = words.first(where: { names[$0] != nil }) { return names[name] }
    if statement.mayWriteRows, let name = words.first(where: { tables[$0] != nil }) {
      return tables[name]
    }
    guard statement.mayRebuild else { return nil }
    return words.first { rebuilt[$0] != nil }.flatMap { rebuilt[$0] }
  }

  // MARK: Reading

  /// Finds the functions for which `trait` returns an effect, and everything that may run these
  /// functions; all functions are read only if there is such a function.
  ///
  /// - Parameters:
  /// - pattern: the pattern that matches the code or the settings of each such function.
  /// - machine: the functions in machine code that have the effect, too.
  static func read(
    matching pattern: String, calling machine: Machine? = nil, on connection: Connection,
    trait: (Function) -> String?
  ) throws(PostgresError) -> FunctionReach {
    var reach = FunctionReach()
    let suspects = try functions(
      on: connection,
      where: """
        NOT l.lanpltrusted OR p.prosrc ~* \(Literal(pattern))
        OR p.proconfig::text ~* \(Literal(pattern)) OR p.prosrc = ''
        """)
    var effects: [Int: String] = [:]
    for function in suspects {
      if let effect = trait(function) { effects[function.number] = effect }
    }
    var names: [Int: String] = [:]
    var known: Set<Int> = []
    var edges: [Edge] = []
    if let machine {
      let found = try Self.machine(machine, on: connection)
      known = Set(found.effects.keys).subtracting(found.names.keys)
      effects.merge(found.effects) { first, _ in first }
      names = found.names
      edges = try Edge.naming(Array(found.effects.keys), on: connection)
    }
    // In most databases nothing runs such a function.
    guard !edges.isEmpty || !known.isSuperset(of: effects.keys) else { return reach }
    edges += try Edge.read(connection)
    reach.spread(
      from: effects, called: names, through: try functions(on: connection, where: "true"),
      along: edges)
    return reach
  }

  /// Finds the functions in machine code that have the effect.
  ///
  /// - Returns: the effect of each function, and the names in SQL for which `isKnown` is false.
  private static func machine(_ machine: Machine, on connection: Connection)
    throws(PostgresError) -> (effects: [Int: String], names: [Int: String])
  {
    let rows = try connection.query(
      """
      SELECT p.oid::bigint, lower(p.proname), p.prosrc
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE l.lanname IN ('c', 'internal') AND p.prosrc ~ \(Literal(machine.symbols))
      """)
    var (effects, names): ([Int: String], [Int: String]) = ([:], [:])
    for row in 0..<rows.rowCount {
      let number: Int = try rows.value(row, 0)
      let name: String = try rows.value(row, 1)
      effects[number] = machine.effect(name, try rows.value(row, 2))
      if !machine.isKnown(name) { names[number] = name }
    }
    return (effects, names)
  }

  /// Reads the functions that fulfil a condition and whose code the program can read.
  static func functions(on connection: Connection, where condition: SQL)
    throws(PostgresError) -> [Function]
  {
    let body: SQL =
      connection.serverVersion >= 140_000
      ? "coalesce(nullif(p.prosrc, ''), pg_get_function_sqlbody(p.oid), '')" : "p.prosrc"
    let rows = try connection.query(
      FunctionReachQueries.functions(body: body, condition: condition))
    return try rows.map { (row) throws(PostgresError) in
      Function(
        number: try rows.value(row, 0), name: try rows.value(row, 1, as: String.self).lowercased(),
        code: CodeWords(try rows.value(row, 2)), settings: try rows.value(row, 3),
        isTrusted: try rows.value(row, 4), isVolatile: try rows.value(row, 5))
    }
  }

  // MARK: Spreading

  /// Finds everything that may run the functions in `start`: follows edges and calls until nothing
  /// new is found.
  private mutating func spread(
    from start: [Int: String], called machine: [Int: String], through functions: [Function],
    along edges: [Edge]
  ) {
    var effects: [Edge.End: String] = [:]
    var open: [Edge.End] = []
    func add(_ end: Edge.End, _ effect: String) {
      guard effects[end] == nil else { return }
      effects[end] = effect
      open.append(end)
    }
    let code = functions.map { (function: $0, words: $0.code.words) }
    let byStart = Dictionary(grouping: edges, by: \.from)
    for (number, effect) in start { add(.function(number), effect) }
    var callNames: [Edge.End: String] = [:]
    for (number, name) in machine { callNames[.function(number)] = name }
    for function in functions { callNames[.function(function.number)] = function.name }
    while let end = open.popLast(), let effect = effects[end] {
      for edge in byStart[end] ?? [] {
        if edge.to == .everything { everywhere = effect }
        callNames[edge.to] = callNames[edge.to] ?? edge.name.lowercased()
        add(edge.to, effect)
      }
      guard let name = callNames[end] else { continue }
      var needed: Set<String> = []
      switch end {
      case .written:
        tables[name] = effect
        needed = Self.writingWords
      case .rebuilt:
        rebuilt[name] = effect
        needed = Self.rebuildingWords
      default: names[name] = effect
      }
      for (function, words) in code where words.contains(name) {
        guard needed.isEmpty || !words.isDisjoint(with: needed) else { continue }
        add(.function(function.number), effect)
      }
    }
  }

  private static let writingWords: Set = [
    "insert", "update", "delete", "merge", "truncate", "copy", "execute",
  ]
  private static let rebuildingWords: Set = [
    "alter", "create", "reindex", "cluster", "analyze", "refresh", "execute",
  ]
}

extension SQLStatement {
  /// True for statements that may check or store the existing rows of a table again.
  fileprivate var mayRebuild: Bool {
    guard let first = words.first, first.kind == .word else { return true }
    return [
      "ALTER", "CREATE", "REINDEX", "CLUSTER", "VACUUM", "ANALYZE", "REFRESH", "DO", "CALL",
      "EXECUTE", "EXPLAIN", "PREPARE",
    ].contains(first.text)
  }
}
