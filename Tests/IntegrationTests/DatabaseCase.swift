import Foundation
import Postgres
import TestSupport
import Testing

/// One database of the matrix: its unusual property, and the expected outcome of a run.
struct DatabaseCase: Sendable, CustomTestStringConvertible {
  /// The expected outcome of migrate, verify and rollback.
  enum Outcome: Sendable {
    /// All commands succeed, and the rows are the same as in any other database.
    case whole
    /// The run is refused with the exit code 3 and these words.
    case refused(String)
    /// The transaction of the store is rolled back, with this exit code and these words.
    case rolledBack(Int32, String)
    /// The store is migrated and verified; the rollback says these words and changes nothing.
    case stays(String)
  }

  let name: String
  /// The statements that the owner executes before the first run.
  var script = ""
  var environment: [String: String] = [:]
  /// The text that follows the database's address.
  var suffix = ""
  var arguments: [String] = []
  var outcome = Outcome.whole
  /// A query that must return true after all commands.
  var holds = "SELECT true"
  /// The table that the run writes to.
  var table = "public.vector_documents"

  var testDescription: String { name }

  /// The application's table, for cases in which it exists before the run.
  static let table = """
    CREATE TABLE public.vector_documents (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
      collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant', text text NOT NULL,
      embedding vector(8) NOT NULL, metadata jsonb DEFAULT '{}',
      created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
    """

  /// The application's table together with pgvector.
  static let world = "CREATE EXTENSION vector;\n" + table
}

/// A run in a database of the matrix, which is compared with a run in a plain database.
struct MatrixRun {
  static let documents = 20
  let ferry: Ferry
  let row: DatabaseCase

  init(_ row: DatabaseCase) throws {
    self.row = row
    ferry = try Ferry()
    try Self.writeStores(ferry)
    let name = ferry.database.name
    let role = try TestServer.address.user
    let script = row.script.replacingOccurrences(of: "{db}", with: name)
      .replacingOccurrences(of: "{role}", with: role)
    if !script.isEmpty { try ferry.database.connect().execute(script: SQL(script: script)) }
  }

  /// Creates a run in an existing database.
  init(_ row: DatabaseCase, in ferry: Ferry) {
    self.row = row
    self.ferry = ferry
  }

  private static func writeStores(_ ferry: Ferry) throws {
    for (user, seed) in [("ann", UInt64(1)), ("zoë", 2)] {
      try ferry.writeStore(
        user: user, rows: Ferry.rows(documents, seed: seed), texts: Ferry.texts(documents),
        extra: ["timestamp": "2024-05-01T10:00:00", "path": "C:\\new\\'x'"])
    }
  }

  /// The digest of the rows in a plain database after the same run.
  static let expected: Result<String, any Error> = Result {
    let plain = try MatrixRun(DatabaseCase(name: "plain"))
    try #require(try plain.run().status == 0)
    return try #require(try plain.digest())
  }

  /// Runs the program in the database, with the table and the address of the case.
  func run(_ words: String...) throws -> ProcessOutcome {
    let url = try ferry.database.url + row.suffix
    return try ferry.run(
      command: words + row.arguments,
      environment: ["DATABASE_URL": url].merging(row.environment) { $1 })
  }

  /// Opens a session without the database's settings.
  func plainSession() throws -> Connection {
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        SET session_replication_role = origin; SET search_path = public;
        SET standard_conforming_strings = on; SET DateStyle = 'ISO, MDY'; SET TimeZone = 'UTC';
        SET bytea_output = hex; SET extra_float_digits = 1; SET quote_all_identifiers = off;
        SET default_transaction_read_only = off; SET row_security = on;
        """)
    return session
  }

  /// Returns a digest of the rows, the same for any order; nil where the table does not exist or is
  /// empty.
  func digest() throws -> String? {
    let session = try plainSession()
    let isThere: Bool? = try session.scalar(
      "SELECT to_regclass(\(row.table.replacing("ONLY ", with: ""))) IS NOT NULL")
    guard isThere == true else { return nil }
    return try session.scalar(
      SQL(
        script: """
          SELECT md5(string_agg(concat_ws('|', id, user_id, collection_name, text, metadata,
                     created_at, md5(embedding::text)), E'\\n' ORDER BY id))
          FROM \(row.table)
          """))
  }

  /// Returns the number of rows in the table.
  func count() throws -> Int {
    let session = try plainSession()
    let isThere: Bool? = try session.scalar(
      "SELECT to_regclass(\(row.table.replacing("ONLY ", with: ""))) IS NOT NULL")
    guard isThere == true else { return 0 }
    return try session.scalar(SQL(script: "SELECT count(*) FROM \(row.table)")) ?? -1
  }

  /// Runs all commands of the case, and compares the outcome with the expected one.
  func check() throws {
    let migrated = try run("migrate")
    switch row.outcome {
    case .whole, .stays:
      #expect(migrated.status == 0, "\(row.name): \(migrated.text)\(migrated.errorText)")
      try checkWhole()
    case .refused(let words):
      #expect(migrated.status == 3, "\(row.name): \(migrated.text)\(migrated.errorText)")
      let said = migrated.text + migrated.errorText
      #expect(said.contains(words), "\(row.name): \(said)")
      #expect(!FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup")))
      #expect(try digest() == nil)
    case .rolledBack(let status, let words):
      #expect(migrated.status == status, "\(row.name): \(migrated.text)\(migrated.errorText)")
      #expect(migrated.text.contains(words), "\(row.name): \(migrated.text)")
      #expect(try count() == 0, "\(row.name)")
    }
    let holds: Bool? = try plainSession().scalar(SQL(script: row.holds))
    #expect(holds == true, "\(row.name): \(row.holds)")
  }

  private func checkWhole() throws {
    let expected = try Self.expected.get()
    #expect(try digest() == expected, "\(row.name)")
    let verified = try run("verify")
    #expect(verified.status == 0, "\(row.name): \(verified.text)\(verified.errorText)")
    let again = try run("migrate")
    #expect(again.status == 0, "\(row.name): \(again.text)\(again.errorText)")
    #expect(try digest() == expected, "\(row.name)")
    let found = try run("search", "--hybrid", "number", "--user", "ann", "--collection", "notes")
    if row.arguments.isEmpty {
      #expect(found.status == 0, "\(row.name): \(found.text)\(found.errorText)")
    }
    let rolledBack = try run("rollback", "--yes")
    if case .stays(let words) = row.outcome {
      #expect(rolledBack.status != 0, "\(row.name): \(rolledBack.text)")
      #expect(rolledBack.text.contains(words), "\(row.name): \(rolledBack.text)")
      #expect(try digest() == expected, "\(row.name)")
      return
    }
    #expect(rolledBack.status == 0, "\(row.name): \(rolledBack.text)\(rolledBack.errorText)")
    #expect(try count() == 0, "\(row.name)")
  }
}
