public import Postgres
internal import Schema

/// How the indexes of a table stand.
public struct IndexStatus: Sendable {
  /// One vector index, and what should be done about it.
  public struct Entry: Sendable {
    /// The index.
    public let index: TableIndex
    /// What should be done; empty where nothing has to be.
    public let advice: [String]
  }

  /// A build that goes on in another session.
  public struct Build: Sendable {
    /// The server's process.
    public let process: Int
    /// How far it is.
    public let progress: BuildProgress
  }

  /// The table.
  public let facts: TableFacts
  /// Its vector indexes, by name.
  public let entries: [Entry]
  /// Its INVALID indexes of other kinds, by name.
  public let otherInvalid: [String]
  /// What is being built; nil where nothing is.
  public let build: Build?
  /// What should be done about the table as a whole.
  public let advice: [String]

  /// Looks; a session that may only read suffices.
  public static func read(_ connection: Connection, table: QualifiedName) throws -> IndexStatus {
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
      advice: advice(facts, serving: indexes.filter { $0.isValid && $0.servesCosine }, build: build)
    )
  }

  /// An INVALID index that nobody is building.
  public var hasInvalid: Bool {
    build == nil && (!otherInvalid.isEmpty || entries.contains { !$0.index.isValid })
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
        "\(facts.table.name) has \(facts.rows) rows and no index for searches by cosine: "
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
