package import Postgres
package import Layouts
internal import OwnSchema

extension BuildDecision {
  /// Decides whether an index is built on a table, and plans the build; changes nothing.
  ///
  /// - Parameter ignoring: the server processes of this program, which do not count as other
  ///   sessions.
  /// - Throws: where no index can be built.
  package static func make(
    _ request: BuildRequest, table: QualifiedName, on connection: Connection,
    ignoring own: [Int] = []
  ) throws -> BuildDecision {
    let facts = try TableFacts.read(connection, table: table, ignoring: own)
    return try make(request, facts: facts, on: connection)
  }

  /// Decides about a table whose column `embedding` is known already, such as a table with other
  /// columns than this program's own.
  package static func make(
    _ request: BuildRequest, table: VectorTable, on connection: Connection,
    ignoring own: [Int] = []
  ) throws -> BuildDecision {
    let facts = try TableFacts.read(connection, table: table, ignoring: own)
    return try make(request, facts: facts, on: connection)
  }

  /// Decides whether an index is built, from the facts about the table and its column.
  package static func make(
    _ request: BuildRequest, facts: TableFacts, on connection: Connection
  ) throws -> BuildDecision {
    let indexes = try IndexCatalogue(facts, connection: connection).all()
    if let existing = indexes.first(where: \.serves) { return try accept(existing, request) }
    if facts.rowCount == .unknown {
      throw SchemaError(
        "row-level security hides the rows of \(facts.table.name) from this role, and the server "
          + "has no statistics of them yet",
        remedy: "run: ANALYZE \(facts.table.name.quoted), then run the command again")
    }
    guard let method = request.method ?? automatic(rows: facts.rows) else {
      return .none(
        reason: "\(facts.table.name) has \(facts.shownRows): under "
          + "\(BuildRequest.smallestTable) an exact scan is faster")
    }
    guard facts.isOwned else {
      throw SchemaError(
        "only the owner of \(facts.table.name) may build its indexes",
        remedy: "run vector-ferry index build as that role")
    }
    return .build(
      try BuildPlan.make(
        method, request, facts: facts, beside: indexes,
        resources: try ServerResources.read(connection)))
  }

  /// Finds the index that searches of the column use now; nil where there is no such index.
  package static func existing(_ facts: TableFacts, on connection: Connection) throws -> TableIndex?
  {
    try IndexCatalogue(facts, connection: connection).serving().first
  }

  /// Chooses the method where the operator has requested none; nil where the table is so small that
  /// it needs no index.
  package static func automatic(rows: Int) -> IndexMethod? {
    rows < BuildRequest.smallestTable ? nil : .hnsw
  }

  private static func accept(_ index: TableIndex, _ request: BuildRequest) throws(SchemaError)
    -> BuildDecision
  {
    if let method = request.method, method != index.method {
      throw SchemaError(
        "the table has the \(index.method.title) index \(index.name.name)",
        remedy: "change the index with: vector-ferry index convert \(method.rawValue)")
    }
    let wanted = request.changing(index.parameters)
    guard wanted != index.parameters else { return .exists(index) }
    try BuildPlan.check(wanted)
    throw SchemaError(
      "the table has the index \(index.name.name) with \(index.parameters.description)",
      remedy: index.rebuilding(with: wanted))
  }
}

extension BuildPlan {
  /// Plans the build of one index, from the facts about the table and the server.
  ///
  /// - Parameter indexes: the vector indexes that the table has already, whose names are taken.
  static func make(
    _ method: IndexMethod, _ request: BuildRequest, facts: TableFacts,
    beside indexes: [TableIndex] = [], resources: ServerResources
  ) throws(SchemaError) -> BuildPlan {
    let form = try IndexedForm.fitting(
      dimensions: facts.table.dimensions, vectorVersion: facts.vectorVersion)
    let parameters = request.parameters(method, rows: facts.rows)
    try check(parameters)
    let isConcurrent = try concurrency(request.concurrency, facts)
    let needed = BuildMemory.needed(parameters, form: form, rows: facts.rows)
    var warnings: [String] = []
    if case .estimated = facts.rowCount {
      warnings.append(
        "row-level security hides rows from this role; by the server's statistics the table has "
          + "\(facts.shownRows)")
    }
    if case .ivfflat(let lists) = parameters, lists > max(facts.rows, 1) {
      warnings.append(
        "there are more lists (\(lists)) than rows: building such an index can take hours, "
          + "during which the build cannot be cancelled, and most lists stay empty"
      )
    }
    let workers = Self.workers(request, facts, resources, method, warnings: &warnings)
    let (memory, granted) = try grant(
      needed, request, resources, parameters: parameters, workers: workers, warnings: &warnings)
    let disk = BuildMemory.disk(parameters, form: form, rows: facts.rows)
    try checkDisk(disk, resources, warnings: &warnings)
    return BuildPlan(
      facts: facts, name: request.name ?? name(method, of: facts, beside: indexes),
      form: form,
      parameters: parameters, isConcurrent: isConcurrent, neededMemory: needed, memory: memory,
      workers: granted, disk: disk, freeDisk: resources.disk, tablespace: resources.tablespace,
      warnings: warnings)
  }

  /// Returns the usual name of the index, with a number at the end where another index has that
  /// name.
  private static func name(
    _ method: IndexMethod, of facts: TableFacts, beside indexes: [TableIndex]
  ) -> Identifier {
    // An index of this name that a failed build has left is dropped first.
    let taken = Set(
      indexes.filter { $0.isValid || $0.unusableReason != nil }.map(\.name.name.name))
    let usual = "\(facts.column.name)_\(method.rawValue)_idx"
    var name = facts.table.relatedName(usual)
    var number = 1
    while taken.contains(name.name) {
      name = facts.table.relatedName("\(usual)\(number)")
      number += 1
    }
    return name
  }

  /// Throws where pgvector would refuse these parameters.
  static func check(_ parameters: IndexParameters) throws(SchemaError) {
    guard case .hnsw(let links, let construction) = parameters, construction < 2 * links else {
      return
    }
    throw SchemaError(
      "ef_construction \(construction) is less than twice m, and m is \(links): pgvector refuses "
        + "such an index",
      remedy: "name an --ef-construction of \(2 * links) or more")
  }

  private static func concurrency(_ wish: BuildRequest.Concurrency, _ facts: TableFacts)
    throws(SchemaError) -> Bool
  {
    let isConcurrent =
      switch wish {
      case .automatic: facts.otherSessions > 0
      case .always: true
      case .never: false
      }
    guard isConcurrent, facts.isPartitioned else { return isConcurrent }
    throw SchemaError(
      "\(facts.table.name) is partitioned: PostgreSQL cannot index all of it concurrently",
      remedy: "build on each partition by --table, or keep writers waiting with --concurrently no")
  }

  private static func checkDisk(
    _ disk: Int, _ resources: ServerResources, warnings: inout [String]
  ) throws(SchemaError) {
    guard let free = resources.disk else { return }
    if free < disk {
      throw SchemaError(
        "the index takes about \(FreeSpace.shown(disk)), but the disk of tablespace "
          + "\(resources.tablespace) has \(FreeSpace.shown(free)) free",
        remedy: "make room, name another default_tablespace, or choose a smaller index: ivfflat")
    }
    if free < 2 * disk {
      warnings.append("the disk will be nearly full: \(FreeSpace.shown(free)) are free")
    }
  }
}
