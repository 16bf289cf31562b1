internal import Layouts
package import Postgres
internal import Schema

/// How the indexes of a table stand.
package struct IndexStatus: Sendable {
  /// One vector index, and what should be done about it.
  package struct Entry: Sendable {
    /// The index.
    package let index: TableIndex
    /// What should be done; empty where nothing has to be.
    package var advice: [String]
    /// How well it finds, where that was asked for.
    package var quality: SearchQuality?
  }

  /// A build that goes on in another session.
  package struct Build: Sendable {
    /// The server's process.
    package let process: Int
    /// How far it is.
    package let progress: BuildProgress
  }

  /// The table.
  package let facts: TableFacts
  /// Its vector indexes, by name.
  package private(set) var entries: [Entry]
  /// Its INVALID indexes of other kinds, by name.
  package let otherInvalid: [String]
  /// What is being built; nil where nothing is.
  package let build: Build?
  /// The settings of pgvector that the search functions carry, such as `hnsw.ef_search=100`.
  package let functionSettings: [String]
  /// What should be done about the table as a whole.
  package let advice: [String]

  /// Looks; a session that may only read suffices.
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
          advice: isUnderWay ? ["being built, or left behind"] : index.advice(rows: facts.rows))
      },
      otherInvalid: others.map(\.name), build: build,
      functionSettings: try SearchFunctions(connection: connection).settings(),
      advice: advice(facts, serving: indexes.filter(\.serves), build: build))
  }

  /// Times searches through each index that serves, and advises where 95 of 100 take longer than
  /// `bound` milliseconds.
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
          "searches do not use it, so that no time was measured: ANALYZE the table; one of few rows "
            + "needs no index")
        continue
      }
      entries[place].quality = quality
      if quality.p95 > bound {
        entries[place].advice.append(
          "95 of 100 searches stay under \(Int(quality.p95.rounded(.up))) ms, not \(Int(bound)): "
            + "look at vector-ferry index tune, then at REINDEX INDEX CONCURRENTLY "
            + entries[place].index.catalogueName)
      }
    }
  }

  /// An INVALID index that nobody is building.
  package var hasInvalid: Bool {
    build == nil && (!otherInvalid.isEmpty || entries.contains { !$0.index.isValid })
  }

  /// One of them `IndexRepair` can mend; the index of a whole partitioned table it cannot.
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
      "\(serving.count) indexes serve the same searches, and each is kept up at every write: "
        + "finish with vector-ferry index convert, or drop one"
    ]
  }
}
