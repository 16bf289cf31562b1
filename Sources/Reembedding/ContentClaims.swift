internal import Layouts
internal import Postgres
internal import OwnSchema

/// Contents that a process has claimed together, each with the path of its source.
final class ClaimedContents {
  let sources: [Int: String]
  /// The contents whose last chunk was not handled yet.
  var open: Set<Int>
  /// The last chunk that was read; nil before the first.
  var last: ChunkFilling.Chunk?
  /// The reasons why contents could not be embedded, by the contents' ids.
  var reasons: [Int: String] = [:]

  init(_ sources: [Int: String]) {
    self.sources = sources
    open = Set(sources.keys)
  }
}

/// The contents (rows of indexed_content) that this process works on, each under a lock that ends
/// with the session.
///
/// The lock, not the state, shows that a process works on a content: where a killed run left the
/// state PROCESSING, the content is free.
final class ContentClaims {
  private let connection: Connection
  private let set: ChunkSet
  private let retriesFailed: Bool
  /// The id of the last content that was read as a candidate.
  private var cursor = Int(Int32.min)
  /// The ids of the contents that are claimed now.
  private var claimed: Set<Int> = []
  /// The number of contents that could not be claimed because another process held their locks.
  private(set) var skippedContents = 0

  init(_ set: ChunkSet, retriesFailed: Bool, on connection: Connection) {
    self.set = set
    self.retriesFailed = retriesFailed
    self.connection = connection
  }

  /// Claims the next contents, with about `chunks` chunks in total; returns nil where no contents
  /// are left.
  func claimNext(chunks: Int) throws -> ClaimedContents? {
    while true {
      let candidates = try candidates(chunks: chunks)
      guard !candidates.isEmpty else { return nil }
      let locked = try lock(candidates.map(\.id))
      skippedContents += candidates.count - locked.count
      do {
        let open = try markProcessing(locked)
        unlock(locked.filter { !open.contains($0) })
        claimed.formUnion(open)
        var sources: [Int: String] = [:]
        for (id, source) in candidates where open.contains(id) { sources[id] = source }
        if !sources.isEmpty { return ClaimedContents(sources) }
      } catch {
        unlock(locked)
        throw error
      }
    }
  }

  /// Returns the next open contents, until they have this many chunks in total.
  private func candidates(chunks: Int) throws(PostgresError) -> [(id: Int, source: String)] {
    let rows = try connection.query(
      ChunkQueries.candidates(
        chunks: set.table.name, contents: set.contents, last: cursor,
        isOpen: set.isOpen(retryingFailed: retriesFailed), limit: chunks))
    var found: [(id: Int, source: String)] = []
    var gathered = 0
    for row in 0..<rows.rowCount where gathered < chunks {
      found.append((try rows.value(row, 0), try rows.value(row, 1)))
      gathered += try rows.value(row, 2, as: Int.self)
    }
    cursor = found.last?.id ?? cursor
    return found
  }

  private func lock(_ ids: [Int]) throws(PostgresError) -> [Int] {
    let rows = try connection.query(
      "SELECT id FROM unnest(\(Self.list(ids))) id WHERE pg_try_advisory_lock(\(Self.key))")
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// Marks the contents that still need embeddings as processing, and returns their ids: another
  /// process may have completed a content before it was locked here.
  private func markProcessing(_ ids: [Int]) throws -> Set<Int> {
    let rows = try connection.asApplication {
      try connection.query(
        ChunkQueries.markProcessing(
          contents: set.contents, processing: Literal(set.states.processing), ids: Self.list(ids),
          isOpen: set.isOpen(retryingFailed: retriesFailed)))
    }
    return Set(try rows.map { (row) throws(PostgresError) -> Int in try rows.value(row, 0) })
  }

  private func unlock(_ ids: [Int]) {
    guard !ids.isEmpty, connection.isUsable else { return }
    connection.uninterruptibly {
      _ = try? connection.query(
        "SELECT pg_advisory_unlock(\(Self.key)) FROM unnest(\(Self.list(ids))) id")
    }
  }

  /// Releases all contents that are still claimed.
  func releaseAll() { release(claimed) }

  /// Releases contents, and marks those whose state is still processing as pending.
  func release(_ contents: some Collection<Int>) {
    let ids = Array(contents)
    claimed.subtract(ids)
    guard !ids.isEmpty, connection.isUsable else { return }
    connection.uninterruptibly {
      _ = try? connection.asApplication {
        try connection.query(
          """
          UPDATE \(set.contents) SET status = \(Literal(set.states.pending))
          WHERE id OPERATOR(pg_catalog.=) ANY (\(Self.list(ids)))
            AND status::pg_catalog.text OPERATOR(pg_catalog.=) \(set.states.processing)
          """)
      }
    }
    unlock(ids)
  }

  /// The SQL for the key of a content's advisory lock; `id` is the content's id.
  private static let key: SQL = "\(AdvisoryLock.contents) + id"

  /// Returns SQL for an array of these numbers.
  static func list(_ ids: some Sequence<Int>) -> SQL {
    let text = ids.map(String.init).joined(separator: ",")
    return "pg_catalog.string_to_array(\(text), ',')::pg_catalog.int4[]"
  }
}
