import Foundation
import Postgres
import Synchronization
import TestSupport

/// The clients of an application that reads and writes while a dimension changes; they always send
/// full vectors.
final class DimensionClients: Sendable {
  /// The writes that were answered, and the errors of the clients.
  struct Log {
    var isStopped = false
    /// The vector of the last answered write for each document.
    var written: [String: [Float]] = [:]
    /// The documents whose deletion was answered.
    var removed: Set<String> = []
    /// The numbers of transactions that were committed and rolled back.
    var committed = 0
    var takenBack = 0
    var reads = 0
    var failures: [String] = []
    /// The errors of the client that inserts full vectors without the function.
    var refusals: [String] = []
  }

  private let log = Mutex(Log())
  private let target: ConnectionTarget
  private let dimensions: Int
  private let done = DispatchGroup()

  init(_ database: TestDatabase, dimensions: Int) throws {
    target = try database.target
    self.dimensions = dimensions
  }

  /// Starts four clients: a reader, a writer that calls `reduce_document`, a writer that does not,
  /// and a writer whose transactions have many statements.
  func start(probe: String) {
    run { [self] in try read($0, probe: probe) }
    run { [self] in try write($0, seed: 1) }
    run { [self] in try insertPlainly($0) }
    run { [self] in try transact($0) }
  }

  /// Stops the clients and returns their log.
  func stop() -> Log {
    log.withLock { $0.isStopped = true }
    done.wait()
    return log.withLock { $0 }
  }

  var soFar: Log { log.withLock { $0 } }

  private func run(_ body: @escaping @Sendable (Connection) throws -> Void) {
    done.enter()
    Thread.detachNewThread { [self] in
      do {
        try body(try Connection.open(target, settings: .untouched))
      } catch {
        log.withLock { $0.failures.append("\(error)") }
      }
      done.leave()
    }
  }

  private var goesOn: Bool { log.withLock { !$0.isStopped } }

  /// Sleeps three times as long as the last round took: four clients without pauses would use two
  /// cores completely, and leave no time for the change.
  private func rest(since start: ContinuousClock.Instant, atLeast microseconds: UInt32) {
    let (seconds, attoseconds) = (start.duration(to: .now) * 3).components
    usleep(max(microseconds, UInt32(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)))
  }

  private func read(_ connection: Connection, probe: String) throws {
    let query: SQL = """
      SELECT count(*), bool_or(id = \(Literal(probe))::uuid)
      FROM vector_ferry.similarity_search('ann', 'notes', \(Literal(self.probe))::vector, 5)
      """
    while goesOn {
      let start = ContinuousClock.now
      let rows = try connection.query(query)
      guard try rows.value(0, 0) == 5, try rows.optional(0, 1) == true else {
        throw OracleError(message: "a search found \(try rows.value(0, 0, as: Int.self)) rows")
      }
      log.withLock { $0.reads += 1 }
      rest(since: start, atLeast: 2_000)
    }
  }

  /// The vector that the reader searches for: that of the first document.
  var probe: String {
    "[" + Self.vector(0, dimensions).map { "\($0)" }.joined(separator: ",") + "]"
  }

  /// Inserts documents, and sometimes writes an earlier document again.
  private func write(_ connection: Connection, seed: UInt64) throws {
    var number = 1_000_000
    var ids: [String] = []
    while goesOn {
      let start = ContinuousClock.now
      number += 1
      let vector = Self.vector(number, dimensions)
      let rows: QueryResult
      if number % 3 == 0, let id = ids.randomElement() {
        rows = try connection.query(
          """
          UPDATE vector_documents
          SET embedding = vector_ferry.reduce_document('ann', 'notes', \(VectorValue(vector))::vector)
          WHERE id = \(Literal(id))::uuid RETURNING id::text
          """)
      } else {
        rows = try connection.query(
          """
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          VALUES ('ann', 'notes', 'added',
                  vector_ferry.reduce_document('ann', 'notes', \(VectorValue(vector))::vector))
          RETURNING id::text
          """)
      }
      let id: String = try rows.value(0, 0)
      ids.append(id)
      log.withLock { $0.written[id] = vector }
      rest(since: start, atLeast: 1_000)
    }
  }

  /// Inserts, updates and deletes in one transaction; rolls back a part of it, and sometimes all of
  /// it.
  private func transact(_ connection: Connection) throws {
    var number = 3_000_000
    var ids: [String] = []
    while goesOn {
      let start = ContinuousClock.now
      number += 1
      var changes: [String: [Float]] = [:]
      var removed: String?
      func write(_ id: String?, _ seed: Int) throws {
        let vector = Self.vector(seed, dimensions)
        let reduced: SQL =
          "vector_ferry.reduce_document('ann', 'notes', \(VectorValue(vector))::vector)"
        let rows =
          try id.map {
            try connection.query(
              """
              UPDATE vector_documents SET embedding = \(reduced), text = 'rewritten'
              WHERE id = \(Literal($0))::uuid RETURNING id::text
              """)
          }
          ?? connection.query(
            """
            INSERT INTO vector_documents (user_id, collection_name, text, embedding)
            VALUES ('ann', 'notes', 'added', \(reduced)) RETURNING id::text
            """)
        changes[try rows.value(0, 0)] = vector
      }
      try connection.query("BEGIN")
      try write(nil, number)
      try write(nil, number + 500_000)
      if ids.count > 4 {
        try write(ids[0], number + 600_000)
        let (before, id) = (changes, ids[1])
        try connection.query("SAVEPOINT kept")
        try write(id, number + 700_000)
        try connection.query("DELETE FROM vector_documents WHERE id = \(Literal(ids[2]))::uuid")
        try connection.query("ROLLBACK TO kept")
        changes = before
        removed = ids[3]
        try connection.query("DELETE FROM vector_documents WHERE id = \(Literal(ids[3]))::uuid")
      }
      if number % 3 == 0 {
        try connection.query("ROLLBACK")
        log.withLock { $0.takenBack += 1 }
      } else {
        try connection.query("COMMIT")
        ids = changes.keys.sorted().filter { !ids.contains($0) } + ids.filter { $0 != removed }
        log.withLock { [changes, removed] log in
          log.committed += 1
          log.written.merge(changes) { $1 }
          if let removed {
            log.written[removed] = nil
            log.removed.insert(removed)
          }
        }
      }
      rest(since: start, atLeast: 2_000)
    }
  }

  /// Inserts full vectors without the function: each insert must succeed until the swap and fail
  /// after it.
  private func insertPlainly(_ connection: Connection) throws {
    var number = 2_000_000
    while goesOn {
      let start = ContinuousClock.now
      number += 1
      let vector = Self.vector(number, dimensions)
      do throws(PostgresError) {
        let rows = try connection.query(
          """
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          VALUES ('bob', 'notes', 'plain', \(VectorValue(vector))::vector) RETURNING id::text
          """)
        let id: String = try rows.value(0, 0)
        log.withLock { $0.written[id] = vector }
      } catch {
        log.withLock { $0.refusals.append("\(error)") }
        usleep(20_000)
      }
      rest(since: start, atLeast: 3_000)
    }
  }

  /// Returns a different vector for every number; most of its length is in the first half of the
  /// dimensions.
  static func vector(_ number: Int, _ dimensions: Int) -> [Float] {
    var generator = SeededGenerator(seed: UInt64(number))
    return (0..<dimensions).map { place in
      Float.random(in: -1...1, using: &generator) * (place < dimensions / 2 ? 1 : 0.005)
    }
  }
}
