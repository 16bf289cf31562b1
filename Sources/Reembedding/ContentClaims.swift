internal import Layouts
internal import Postgres
internal import OwnSchema

/// Contents that this process works on, each under a lock that ends with the session.
///
/// The lock, not the state, says that a process is at it: what a killed run has left as PROCESSING
/// is free, what a live one works on is not.
final class ContentClaims {
  private let connection: Connection
  private let set: ChunkSet
  private let retriesFailed: Bool
  /// The last content that was looked at.
  private var cursor = Int(Int32.min)
  /// The contents that are claimed now, with where they come from.
  private(set) var claimed: [Int: String] = [:]
  /// Contents that another process had.
  private(set) var passedOver = 0

  init(_ set: ChunkSet, retriesFailed: Bool, on connection: Connection) {
    self.set = set
    self.retriesFailed = retriesFailed
    self.connection = connection
  }

  /// Claims the next contents, together about `chunks` chunks; false where no more are left.
  func claimNext(chunks: Int) throws -> Bool {
    while claimed.isEmpty {
      let candidates = try candidates(chunks: chunks)
      guard !candidates.isEmpty else { return false }
      let locked = try lock(candidates.map(\.id))
      passedOver += candidates.count - locked.count
      do {
        let open = try markProcessing(locked)
        unlock(locked.filter { !open.contains($0) })
        for (id, source) in candidates where open.contains(id) { claimed[id] = source }
      } catch {
        unlock(locked)
        throw error
      }
    }
    return true
  }

  /// The next open contents, as many as have so many chunks.
  private func candidates(chunks: Int) throws(PostgresError) -> [(id: Int, source: String)] {
    let rows = try connection.query(
      """
      SELECT c.id, c.source_path, (SELECT count(*) FROM \(set.table.name) e
                                   WHERE e.content_id = c.id AND e.embedding IS NULL)
      FROM \(set.contents) c
      WHERE c.id > \(cursor) AND \(set.isOpen(retryingFailed: retriesFailed))
      ORDER BY c.id LIMIT \(chunks)
      """)
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

  /// Those that are still open: another process may have done one between our look and our lock.
  private func markProcessing(_ ids: [Int]) throws -> Set<Int> {
    let rows = try connection.asApplication {
      try connection.query(
        """
        UPDATE \(set.contents) c SET status = \(Literal(set.states.processing))
        WHERE c.id OPERATOR(pg_catalog.=) ANY (\(Self.list(ids)))
          AND \(set.isOpen(retryingFailed: retriesFailed))
        RETURNING c.id
        """)
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

  /// Lets all go, and puts those that are still being worked on back to waiting.
  func release() {
    guard !claimed.isEmpty, connection.isUsable else { return }
    let ids = Array(claimed.keys)
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
    claimed = [:]
  }

  /// The lock of the content whose number is in `id`.
  private static let key: SQL = "\(AdvisoryLock.contents) + id"

  /// Numbers as an array of SQL.
  static func list(_ ids: some Sequence<Int>) -> SQL {
    let text = ids.map(String.init).joined(separator: ",")
    return "pg_catalog.string_to_array(\(text), ',')::pg_catalog.int4[]"
  }
}
