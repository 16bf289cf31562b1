import Foundation
import Postgres
import TestSupport

import MigrationFiles
@testable import Schema

/// A folder of migrations and a database to run them in.
struct Folder {
  let directory: TemporaryDirectory
  let database: TestDatabase

  init() throws {
    directory = try TemporaryDirectory("migrations")
    database = try TestDatabase()
  }

  func write(_ text: String, to name: String) throws { try directory.write(text, to: name) }

  @discardableResult
  func run(
    _ request: SchemaRequest, force: Bool = false, outOfOrder: Bool = false,
    ledger: QualifiedName = .usualLedger,
    observe: @escaping (SchemaEvent) -> Void = { _ in }
  ) throws -> SchemaOutcome {
    var options = SchemaOptions()
    options.force = force
    options.allowsOutOfOrder = outOfOrder
    options.lockTimeout = 300
    options.ledger = ledger
    let runner = SchemaRunner(
      connection: try database.connect(), set: try set, options: options, observe: observe)
    return try runner.run(request, plan: try runner.plan(request))
  }

  var set: MigrationSet {
    get throws { try MigrationSet.read(directory: directory.path).named("test") }
  }

  var state: SetState { get throws { try SetState.read(set, on: try database.connect()) } }

  func scalar<Value: ColumnValue>(_ sql: SQL, as: Value.Type = Value.self) throws -> Value? {
    try database.connect().scalar(sql)
  }

  /// Reads a table's rows and columns as one text.
  func contents(of table: String) throws -> String? {
    try scalar(
      SQL(
        script: "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '-') FROM \(table) t"
      ))
  }
}
