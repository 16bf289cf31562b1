internal import Postgres
internal import Schema

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
    var gathered = 0
    while gathered < chunks {
      let rows = try connection.query(
        """
        SELECT c.id, c.source_path, (SELECT count(*) FROM vector_embedding e
                      WHERE e.content_id = c.id AND e.embedding IS NULL)
        FROM indexed_content c
        WHERE c.id > \(cursor) AND \(set.isOpen(retryingFailed: retriesFailed))
        ORDER BY c.id LIMIT 64
        """)
      if rows.rowCount == 0 { break }
      for row in 0..<rows.rowCount where gathered < chunks {
        let id: Int = try rows.value(row, 0)
        cursor = id
        guard try claim(id) else { continue }
        claimed[id] = try rows.value(row, 1)
        gathered += try rows.value(row, 2, as: Int.self)
      }
    }
    return !claimed.isEmpty
  }

  private func claim(_ id: Int) throws -> Bool {
    let isFree: Bool? = try connection.scalar(
      "SELECT pg_try_advisory_lock(\(AdvisoryLock.content(id)))")
    guard isFree == true else {
      passedOver += 1
      return false
    }
    do {
      // Another process may have done it between our look and our lock.
      let taken = try connection.query(
        """
        UPDATE indexed_content c SET status = \(Literal(set.states.processing))
        WHERE c.id = \(id) AND \(set.isOpen(retryingFailed: retriesFailed))
        """)
      if taken.affectedRows == 1 { return true }
    } catch {
      unlock(id)
      throw error
    }
    unlock(id)
    return false
  }

  private func unlock(_ id: Int) {
    connection.uninterruptibly {
      _ = try? connection.query("SELECT pg_advisory_unlock(\(AdvisoryLock.content(id)))")
    }
  }

  /// Lets all go, and puts those that are still being worked on back to waiting.
  func release() {
    guard connection.isUsable else { return }
    connection.uninterruptibly {
      for id in claimed.keys {
        _ = try? connection.query(
          """
          UPDATE indexed_content SET status = \(Literal(set.states.pending))
          WHERE id = \(id) AND status::text = \(set.states.processing)
          """)
      }
    }
    for id in claimed.keys { unlock(id) }
    claimed = [:]
  }
}
