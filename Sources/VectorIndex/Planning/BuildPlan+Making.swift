public import Postgres
public import Schema

extension BuildDecision {
  /// Looks at table and server, and decides; throws what stands against it, with nothing touched.
  ///
  /// - Parameter ignoring: processes that belong to this very run.
  public static func make(
    _ request: BuildRequest, table: QualifiedName, on connection: Connection,
    ignoring own: [Int] = []
  ) throws -> BuildDecision {
    let facts = try TableFacts.read(connection, table: table, ignoring: own)
    return try make(request, facts: facts, on: connection)
  }

  /// Decides about a table of another form, whose column `embedding` is known to be there.
  public static func make(
    _ request: BuildRequest, table: VectorTable, on connection: Connection,
    ignoring own: [Int] = []
  ) throws -> BuildDecision {
    let facts = try TableFacts.read(connection, table: table, ignoring: own)
    return try make(request, facts: facts, on: connection)
  }

  private static func make(
    _ request: BuildRequest, facts: TableFacts, on connection: Connection
  ) throws -> BuildDecision {
    let existing = try IndexCatalogue(facts, connection: connection).serving()
    if let existing = existing.first { return try accept(existing, request) }
    guard let method = request.method ?? automatic(rows: facts.rows) else {
      return .none(
        reason: "\(facts.table.name) has \(facts.rows) rows: under \(BuildRequest.smallestTable) "
          + "an exact scan is quicker")
    }
    guard facts.isOwned else {
      throw SchemaError(
        "only the owner of \(facts.table.name) may build its indexes",
        remedy: "run vector-ferry index build as that role")
    }
    return .build(
      try BuildPlan.make(
        method, request, facts: facts, resources: try ServerResources.read(connection)))
  }

  /// The method where none is asked for; nil where a table is small enough without.
  public static func automatic(rows: Int) -> IndexMethod? {
    rows < BuildRequest.smallestTable ? nil : .hnsw
  }

  private static func accept(_ index: TableIndex, _ request: BuildRequest) throws(SchemaError)
    -> BuildDecision
  {
    guard let method = request.method, method != index.method else { return .exists(index) }
    throw SchemaError(
      "the table has the \(index.method.title) index \(index.name.name)",
      remedy: "change it with: vector-ferry index convert \(method.rawValue)")
  }
}

extension BuildPlan {
  /// Decides everything about one index from what table and server have.
  static func make(
    _ method: IndexMethod, _ request: BuildRequest, facts: TableFacts, resources: ServerResources
  ) throws(SchemaError) -> BuildPlan {
    let form = try IndexedForm.fitting(
      dimensions: facts.table.dimensions, vectorVersion: facts.vectorVersion)
    let parameters = request.parameters(method, rows: facts.rows)
    try check(parameters)
    let isConcurrent = try concurrency(request.concurrency, facts)
    let needed = BuildMemory.needed(parameters, form: form, rows: facts.rows)
    var warnings: [String] = []
    let workers = Self.workers(request, facts, resources, method, warnings: &warnings)
    let (memory, granted) = try grant(
      needed, request, resources, parameters: parameters, workers: workers, warnings: &warnings)
    let disk = BuildMemory.disk(parameters, form: form, rows: facts.rows)
    try checkDisk(disk, resources, warnings: &warnings)
    return BuildPlan(
      facts: facts,
      name: request.name ?? facts.table.relatedName("embedding_\(method.rawValue)_idx"), form: form,
      parameters: parameters, isConcurrent: isConcurrent, neededMemory: needed, memory: memory,
      workers: granted, disk: disk, freeDisk: resources.disk, warnings: warnings)
  }

  private static func check(_ parameters: IndexParameters) throws(SchemaError) {
    guard case .hnsw(let links, let construction) = parameters, construction < 2 * links else {
      return
    }
    throw SchemaError(
      "ef_construction \(construction) is less than twice m (\(links)), which pgvector asks for",
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
      "\(facts.table.name) is partitioned: PostgreSQL builds no index on all of it concurrently",
      remedy: "build on each partition by --table, or keep writers waiting with --concurrently no")
  }

  private static func checkDisk(
    _ disk: Int, _ resources: ServerResources, warnings: inout [String]
  ) throws(SchemaError) {
    guard let free = resources.disk else { return }
    if free < disk {
      throw SchemaError(
        "the index takes about \(FreeSpace.shown(disk)), the server's disk has "
          + "\(FreeSpace.shown(free)) free",
        remedy: "make room, or take a smaller index: --method ivfflat")
    }
    if free < 2 * disk {
      warnings.append("the disk will be nearly full: \(FreeSpace.shown(free)) are free")
    }
  }
}
