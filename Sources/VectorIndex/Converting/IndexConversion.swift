internal import Layouts
package import Postgres
internal import OwnSchema
internal import Schema

/// Replaces the index of a table by an index of the other method, while clients search and write.
///
/// The new index is built first, and then both indexes are measured. The old index is dropped only
/// where the new index finds about as much. At every moment one of the two indexes is usable.
package struct IndexConversion {
  let connection: Connection
  let watcher: Connection?
  let table: QualifiedName
  let observe: (IndexEvent) -> Void

  /// The operator's request for a conversion.
  package struct Request: Sendable {
    /// The parameters of the new index.
    package var build: BuildRequest
    /// The greatest allowed difference between the recall@10 of the old index and that of the new
    /// index.
    package var tolerance = 0.02
    /// The number of stored vectors that are searched for in the measurement.
    package var queries = 50

    /// Creates a request for an index that is built with these parameters.
    package init(_ build: BuildRequest) { self.build = build }
  }

  /// One of the two indexes with its measured quality.
  package struct Side: Sendable {
    /// The index that was measured.
    package let index: TableIndex
    /// The measured quality of searches; nil where the server did not use the index for searches.
    package let quality: SearchQuality?
  }

  /// The ways in which a conversion can end.
  package enum Ending: String, Sendable {
    /// No index was built, because the table has an index of the requested method already.
    case unchanged
    /// The old index was dropped, and searches use the new index.
    case converted
    /// The new index finds too little, and searches use the old index; a new index that this run
    /// has built was dropped again.
    case refused
  }

  /// The result of a conversion.
  package struct Outcome: Sendable {
    /// The way in which the conversion has ended.
    package let ending: Ending
    /// The old index with its quality; nil where no conversion was needed.
    package let old: Side?
    /// The new index with its quality.
    package let new: Side
    /// The result of building the new index; nil where an earlier run had built it.
    package let built: IndexBuild.Outcome?
    /// The search functions that now have the search setting for the new index.
    package let applied: [String]
  }

  /// Creates a conversion in the session `connection`; the session `watcher` reads the progress of
  /// builds.
  package init(
    table: QualifiedName, on connection: Connection, watcher: Connection?,
    observe: @escaping (IndexEvent) -> Void = { _ in }
  ) {
    self.table = table
    self.connection = connection
    self.watcher = watcher
    self.observe = observe
  }

  /// Converts the table's index to the method `method`.
  package func run(to method: IndexMethod, _ request: Request) throws -> Outcome {
    let facts = try TableFacts.read(
      connection, table: table, ignoring: watcher.map { [$0.backendPID] } ?? [])
    return try IndexLock(connection: connection, table: facts.table).with {
      let indexes = try IndexCatalogue(facts, connection: connection).all()
      let serving = indexes.filter(\.serves)
      guard let old = serving.first(where: { $0.method != method }) else {
        return try unchanged(serving.first, indexes, request, facts)
      }
      try refuse(old, to: method, facts)
      try facts.requireMeasurable()
      var built: IndexBuild.Outcome?
      // Both indexes exist where an earlier attempt was stopped before it dropped the old one.
      if !serving.contains(where: { $0.method == method }) {
        built = try build(method, request.build, facts)
      }
      return try decide(old, method, request, facts, built: built)
    }
  }

  private func unchanged(
    _ index: TableIndex?, _ indexes: [TableIndex], _ request: Request, _ facts: TableFacts
  ) throws -> Outcome {
    guard let index else {
      throw SchemaError(
        "\(facts.table.name) has no index to convert",
        remedy: "build one with: vector-ferry index build")
    }
    let wanted = request.build.changing(index.parameters)
    guard wanted == index.parameters else {
      try BuildPlan.check(wanted)
      throw SchemaError(
        "\(index.name) is \(index.method.title) already, with \(index.parameters.description); "
          + "two indexes of one method cannot be compared",
        remedy: index.rebuilding(with: wanted))
    }
    try removeLeftovers(beside: index, indexes, facts)
    return Outcome(
      ending: .unchanged, old: nil, new: Side(index: index, quality: nil), built: nil, applied: [])
  }

  /// Throws where the old index could not be dropped later; called before the new index is built.
  private func refuse(_ old: TableIndex, to method: IndexMethod, _ facts: TableFacts)
    throws(SchemaError)
  {
    guard facts.isOwned else {
      throw SchemaError(
        "only the owner of \(facts.table.name) may convert its indexes",
        remedy: "run vector-ferry index convert as that role")
    }
    let dropIndex = "while nobody writes to the table, run DROP INDEX"
    if facts.isPartitioned {
      throw SchemaError(
        "\(facts.table.name) is partitioned: its index cannot be exchanged while others write",
        remedy: "\(dropIndex) \(old.catalogueName), then vector-ferry index build --table "
          + "\(facts.table.name) --method \(method.rawValue) --concurrently no")
    }
    if old.isAttached {
      throw SchemaError(
        "\(old.name) belongs to an index of the whole partitioned table, and cannot be dropped "
          + "alone",
        remedy: "\(dropIndex) for the index of the whole partitioned table, then build that index "
          + "again")
    }
  }

  /// Drops an old index that a stopped conversion has left INVALID.
  private func removeLeftovers(
    beside index: TableIndex, _ indexes: [TableIndex], _ facts: TableFacts
  ) throws {
    let left = indexes.filter {
      !$0.isValid && !$0.isCopy && $0.unusableReason == nil && $0.method != index.method
    }
    let invalid = InvalidIndexes(of: facts.table.catalogueName, on: connection)
    guard !left.isEmpty, try invalid.builder() == nil else { return }
    for old in left {
      try drop(old, facts)
      observe(.leftoverRemoved(old.catalogueName))
    }
  }

  private func build(_ method: IndexMethod, _ wish: BuildRequest, _ facts: TableFacts) throws
    -> IndexBuild.Outcome
  {
    var wish = wish
    wish.concurrency = .always
    let plan = try BuildPlan.make(
      method, wish, facts: facts,
      beside: try IndexCatalogue(facts, connection: connection).all(),
      resources: try ServerResources.read(connection))
    return try IndexBuild(plan, on: connection, watcher: watcher, observe: observe).build()
  }

  private func decide(
    _ old: TableIndex, _ method: IndexMethod, _ request: Request, _ facts: TableFacts,
    built: IndexBuild.Outcome?
  ) throws -> Outcome {
    let now = try IndexCatalogue(facts, connection: connection).serving()
    guard let new = now.first(where: { $0.method == method }) else {
      throw SchemaError("the new index does not exist any more", remedy: "run again")
    }
    observe(.measuring("\(old.name.name.name) and \(new.name.name.name)"))
    let (before, after) = try measure(old, new, request, facts)
    guard let after, after.recall >= (before?.recall ?? 1) - request.tolerance else {
      if built != nil { try drop(new, facts) }
      return Outcome(
        ending: .refused, old: Side(index: old, quality: before),
        new: Side(index: new, quality: after), built: built, applied: [])
    }
    // From the first search on, the functions search as thoroughly as was measured.
    let applied = try SearchFunctions(connection: connection)
      .apply(after.setting, for: facts)
    try drop(old, facts)
    return Outcome(
      ending: .converted, old: Side(index: old, quality: before),
      new: Side(index: new, quality: after), built: built, applied: applied)
  }

  /// Measures the old index with its present search setting, and the new index with the smallest
  /// setting that finds as much.
  private func measure(
    _ old: TableIndex, _ new: TableIndex, _ request: Request, _ facts: TableFacts
  ) throws -> (SearchQuality?, SearchQuality?) {
    let trial = SearchTrial(facts: facts, connection: connection, queries: request.queries)
    let usual = SearchSetting.usual(new.parameters)
    let settings = SearchSetting.candidates(new.parameters).filter { $0.value > usual.value }
    let found = try trial.run([
      (old, [try SearchFunctions(connection: connection).setting(for: old)]),
      (new, [usual] + settings),
    ])
    let before = found[0]?.first
    let after = found[1].flatMap { qualities in
      qualities.first { $0.recall >= (before?.recall ?? 1) }
        ?? qualities.max { $0.recall < $1.recall }
    }
    return (before, after)
  }

  private func drop(_ index: TableIndex, _ facts: TableFacts) throws {
    try ConcurrentDrop(
      connection: connection, watcher: watcher, table: facts.table.catalogueName, observe: observe
    ).run(index.catalogueName, remedy: "DROP INDEX CONCURRENTLY \(index.catalogueName)")
  }
}
