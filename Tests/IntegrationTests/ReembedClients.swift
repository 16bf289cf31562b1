import Embedding
import Foundation
import Postgres
import Synchronization
import TestSupport

/// The clients of an application that reads and writes while its texts are embedded again; they
/// send vectors of the old model until the database says that the column has vectors of the new
/// model.
final class ReembedClients: Sendable {
  /// The writes that were answered, and the errors of the clients.
  struct Log {
    var isStopped = false
    /// The text of the last answered write for each document.
    var written: [String: String] = [:]
    /// The documents whose deletion was answered.
    var removed: Set<String> = []
    var takenBack = 0
    var reads = 0
    /// The number of statements that were refused because their vectors were of the old model.
    var refusals = 0
    var failures: [String] = []
    /// The longest time of a statement of the writer, in seconds.
    var slowest = 0.0
  }

  private let log = Mutex(Log())
  private let target: ConnectionTarget
  private let dimensions: Int
  private let environment: [String: String]
  private let done = DispatchGroup()

  /// Creates clients of a database that embed with the service that `environment` names.
  init(_ database: TestDatabase, dimensions: Int, environment: [String: String]) throws {
    target = try database.target
    self.dimensions = dimensions
    self.environment = environment
  }

  /// Starts four clients: one that searches, one that checks that every row has its vector, a
  /// writer, and one that reads before it writes in one transaction.
  func start(probe: String) {
    run { [self] in try search($0, $1, probe: probe) }
    run { [self] connection, _ in try count(connection) }
    run { [self] in try write($0, $1) }
    run { [self] in try readThenWrite($0, $1) }
  }

  /// Stops the clients and returns their log.
  func stop() -> Log {
    log.withLock { $0.isStopped = true }
    done.wait()
    return log.withLock { $0 }
  }

  var soFar: Log { log.withLock { $0 } }

  private var goesOn: Bool { log.withLock { !$0.isStopped } }

  private func run(_ body: @escaping @Sendable (Connection, NewModel) throws -> Void) {
    done.enter()
    Thread.detachNewThread { [self] in
      do {
        try body(try Connection.open(target, settings: .untouched), try NewModel(environment))
      } catch {
        log.withLock { $0.failures.append("\(error)") }
      }
      done.leave()
    }
  }

  /// Runs a statement with a vector of the old model; once the database says that its vectors are
  /// of the new model, runs statements with vectors of the new model.
  private func either(
    _ model: NewModel, old: [Float], text: String,
    _ body: (VectorValue) throws -> QueryResult
  ) throws -> QueryResult {
    if model.isCalledFor { return try body(VectorValue(try model.vector(text))) }
    do {
      return try body(VectorValue(old))
    } catch let error as PostgresError {
      guard error.serverError?.sqlState == "22000",
        error.serverError?.message.contains("are of the model test-words (openai)") == true
      else { throw error }
      log.withLock { $0.refusals += 1 }
      model.isCalledFor = true
      return try body(VectorValue(try model.vector(text)))
    }
  }

  private func search(_ connection: Connection, _ model: NewModel, probe: String) throws {
    while goesOn {
      let rows = try either(model, old: Self.old(0, dimensions), text: "document 0") { vector in
        try connection.query(
          """
          SELECT count(*), bool_or(id = \(Literal(probe))::uuid)
          FROM vector_ferry.similarity_search('ann', 'notes', \(vector)::vector, 5)
          """)
      }
      guard try rows.value(0, 0) == 5, try rows.optional(0, 1) == true else {
        throw OracleError(message: "a search found \(try rows.value(0, 0, as: Int.self)) rows")
      }
      log.withLock { $0.reads += 1 }
      usleep(2_000)
    }
  }

  private func count(_ connection: Connection) throws {
    while goesOn {
      let rows = try connection.query("SELECT count(*) - count(embedding) FROM vector_documents")
      guard try rows.value(0, 0) == 0 else { throw OracleError(message: "a row has no vector") }
      log.withLock { $0.reads += 1 }
      usleep(5_000)
    }
  }

  private func write(_ connection: Connection, _ model: NewModel) throws {
    var number = 0
    var ids: [String] = []
    var generator = SeededGenerator(seed: 5)
    while goesOn {
      number += 1
      let text = "added text number \(number) of the writer"
      let began = Date()
      if number % 7 == 0, ids.count > 4 {
        let id = ids.remove(at: Int.random(in: ids.indices, using: &generator))
        try connection.query("DELETE FROM vector_documents WHERE id = \(Literal(id))::uuid")
        log.withLock {
          $0.written[id] = nil
          $0.removed.insert(id)
        }
      } else {
        let known = number % 3 == 0 ? ids.randomElement(using: &generator) : nil
        let id = try upsert(connection, model, known, text)
        if known == nil { ids.append(id) }
        log.withLock { $0.written[id] = text }
      }
      let seconds = Date().timeIntervalSince(began)
      log.withLock { $0.slowest = max($0.slowest, seconds) }
      usleep(3_000)
    }
  }

  private func upsert(
    _ connection: Connection, _ model: NewModel, _ id: String?, _ text: String
  ) throws -> String {
    // All documents have the same old vector, so that the change must notice a row where only the
    // text differs.
    try either(model, old: Self.old(1, dimensions), text: text) { vector in
      let reduced: SQL = "vector_ferry.reduce_document('ann', 'notes', \(vector)::vector)"
      return try id.map {
        try connection.query(
          """
          UPDATE vector_documents SET text = \(text), embedding = \(reduced)
          WHERE id = \(Literal($0))::uuid RETURNING id::text
          """)
      }
        ?? connection.query(
          """
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          VALUES ('ann', 'notes', \(text), \(reduced)) RETURNING id::text
          """)
    }.value(0, 0)
  }

  /// Reads the table before it writes, so that a deadlock would be possible, and rolls back some
  /// transactions.
  private func readThenWrite(_ connection: Connection, _ model: NewModel) throws {
    var number = 0
    while goesOn {
      number += 1
      let text = "read first \(number)"
      do {
        try connection.query("BEGIN")
        try connection.query("SELECT count(*) FROM vector_documents WHERE user_id = 'ann'")
        usleep(1_000)
        try connection.query("SAVEPOINT here")
        let id: String = try either(model, old: Self.old(2, dimensions), text: text) { vector in
          if model.isCalledFor { try connection.query("ROLLBACK TO here") }
          return try connection.query(
            """
            INSERT INTO vector_documents (user_id, collection_name, text, embedding)
            VALUES ('bob', 'notes', \(text),
                    vector_ferry.reduce_document('ann', 'notes', \(vector)::vector))
            RETURNING id::text
            """)
        }.value(0, 0)
        if number % 3 == 0 {
          try connection.query("ROLLBACK")
          log.withLock { $0.takenBack += 1 }
        } else {
          try connection.query("COMMIT")
          log.withLock { $0.written[id] = text }
        }
      }
      usleep(5_000)
    }
  }

  /// Returns the vector of the old model for a number.
  static func old(_ number: Int, _ dimensions: Int) -> [Float] {
    DimensionClients.vector(number, dimensions)
  }
}

/// The model that embeds the texts after the change; each client has an object of its own.
final class NewModel {
  /// True once vectors of the old model are refused.
  var isCalledFor = false
  private let embedder: Embedder

  init(_ environment: [String: String]) throws {
    embedder = Embedder(try EmbeddingSettings(.init(), environment: environment), cache: nil)
  }

  /// Returns the vector that the service makes of a text.
  func vector(_ text: String) throws -> [Float] { try vectors([text])[0] }

  /// Returns the vectors that the service makes of texts.
  func vectors(_ texts: [String]) throws -> [[Float]] {
    try embedder.embed(texts.map { LabelledText("a text", $0) }).map { outcome in
      guard case .vector(let vector) = outcome else { throw OracleError(message: "\(outcome)") }
      return vector
    }
  }
}
