internal import Layouts
package import Postgres
internal import Schema

/// The state of all indexes of a table, with advice to the operator.
package struct IndexStatus: Sendable {
  /// One vector index, with its quality and the advice about it.
  package struct Entry: Sendable {
    /// The vector index.
    package let index: TableIndex
    /// The advice about the index; empty where nothing has to be done.
    package var advice: [String]
    /// The measured quality of searches through the index; nil where it was not measured.
    package var quality: SearchQuality?
  }

  /// An index build that is running in another session.
  package struct Build: Sendable {
    /// The server process that builds the index.
    package let process: Int
    /// The progress of the build.
    package let progress: BuildProgress
  }

  /// The facts about the table.
  package let facts: TableFacts
  /// The vector indexes of the table, in the order of their names.
  package private(set) var entries: [Entry]
  /// The names of INVALID indexes that are no vector indexes.
  package let otherInvalid: [String]
  /// The index build that is running now; nil where there is none.
  package let build: Build?
  /// The settings of pgvector that the search functions have, such as `hnsw.ef_search=100`.
  package let functionSettings: [String]
  /// The advice about all indexes together; empty where nothing has to be done.
  package let advice: [String]

  /// Reads the state of the indexes; writes nothing.
  package static func read(_ connection: Connection, table: QualifiedName) throws -> IndexStatus {
    let facts = try TableFacts.read(connection, table: table)
    let indexes = try IndexCatalogue(facts, connection: connection).all()
    let invalid = InvalidIndexes(of: facts.table.catalogueName, on: connection)
    var build: Build?
    if let process = try invalid.builder() {
      build = try Self.build(process, facts: facts, on: connection)
    }
    let others = try invalid.found().filter { IndexMethod(rawValue: $0.method) == nil }
    return IndexStatus(
      facts: facts,
      entries: indexes.map { index in
        let isUnderWay = !index.isValid && build != nil
        return Entry(
          index: index,
          advice: isUnderWay
            ? ["the index is being built, or a failed build has left it behind"]
            : index.advice(rows: facts.rows))
      },
      otherInvalid: others.map(\.name), build: build,
      functionSettings: try SearchFunctions(connection: connection).settings(),
      advice: advice(facts, serving: indexes.filter(\.serves), build: build))
  }

  /// Measures searches through each usable index, and advises where 5 of 100 searches take longer
  /// than `bound` milliseconds.
  package mutating func measure(
    on connection: Connection, bound: Double, queries: Int = 50
  ) throws {
    try facts.requireMeasurable()
    let serving = entries.indices.filter { entries[$0].index.serves }
    let functions = SearchFunctions(connection: connection)
    let trial = SearchTrial(facts: facts, connection: connection, queries: queries)
    let found = try trial.run(
      try serving.map { place in
        let index = entries[place].index
        return (index, [try functions.setting(for: index)])
      })
    for (place, qualities) in zip(serving, found) {
      guard let quality = qualities?.first else {
        entries[place].advice.append(
          "searches do not use the index, so no time was measured: run ANALYZE on the table; a "
            + "table with few rows needs no index"
        )
        continue
      }
      entries[place].quality = quality
      if quality.p95 > bound {
        entries[place].advice.append(
          "95 of 100 searches take up to \(Int(quality.p95.rounded(.up))) ms, more than "
            + "\(Int(bound)): try vector-ferry index tune, then REINDEX INDEX CONCURRENTLY "
            + entries[place].index.catalogueName)
      }
    }
  }

  /// True where an index is INVALID and no session is building it.
  package var hasInvalid: Bool {
    build == nil && (!otherInvalid.isEmpty || entries.contains { !$0.index.isValid })
  }

  /// True where `IndexRepair` can repair an INVALID index; it cannot repair the index of a whole
  /// partitioned table.
  package var canBeRepaired: Bool {
    build == nil
      && (!otherInvalid.isEmpty
        || entries.contains { !$0.index.isValid && !$0.index.isPartitioned })
  }

  private static func build(_ process: Int, facts: TableFacts, on connection: Connection) throws
    -> Build?
  {
    guard let sample = try BuildSample.read(process, on: connection) else { return nil }
    var progress = BuildProgress(rows: facts.rows, isConcurrent: true)
    progress.take(sample)
    progress.blocker = try sample.locker.map { try Blocker.read($0, on: connection) }
    return Build(process: process, progress: progress)
  }

  private static func advice(_ facts: TableFacts, serving: [TableIndex], build: Build?)
    -> [String]
  {
    if serving.isEmpty, build == nil, BuildDecision.automatic(rows: facts.rows) != nil {
      return [
        "\(facts.table.name) has \(facts.shownRows) and no index for searches by cosine: "
          + "vector-ferry index build"
      ]
    }
    guard serving.count > 1 else { return [] }
    return [
      "\(serving.count) indexes serve the same searches, and each is updated at every write: "
        + "finish the conversion with vector-ferry index convert, or drop one of the indexes"
    ]
  }
}
