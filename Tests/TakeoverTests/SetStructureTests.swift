import Foundation
import MigrationFiles
import Postgres
import Schema
import TestSupport
import Testing

@testable import Takeover

/// Tests that the recorded structures are those that the sets' migrations make.
///
/// With `VECTOR_FERRY_WRITE_STRUCTURES=1` the test writes the file that it otherwise compares.
@Suite(.needsServer, .serialized) struct SetStructureTests {
  private static let path =
    "\(Oracle.repository)/Sources/Takeover/Structure/SetStructureTexts.swift"

  /// Applies migrations to an empty database, and reads the structure that they have made.
  private static func state(of name: String, _ versions: [String]) throws -> SetStructure {
    let database = try TestDatabase()
    let set = try MigrationSet.bundled(name)
    // The migration of policies does nothing on a server without their roles, unless it is asked.
    let connection = try database.connect(with: "vector_ferry.row_level_security=on")
    for version in versions {
      let runner = SchemaRunner(connection: connection, set: set)
      let request = SchemaRequest.apply([version])
      _ = try runner.run(request, plan: try runner.plan(request))
    }
    let items = try Structure(of: "public", vectorSchema: "public", on: database.connect()).items
    // The ledger is no part of the set.
    return SetStructure(
      versions: versions,
      structure: Structure(
        items: items.filter { item in
          // The policies of knowledge_graph depend on the roles of the server.
          ![item.table, item.name].contains("schema_migrations")
            && (item.kind != .policy || name == "vector_documents")
        }))
  }

  @Test func `the recorded structures are those that the migrations make`() throws {
    var texts: [(set: String, text: String)] = []
    for name in MigrationSet.bundledNames {
      let states = try SetStructure.orders(of: name).map { try Self.state(of: name, $0) }
      texts.append((name, SetStructure.text(of: states)))
    }
    if ProcessInfo.processInfo.environment["VECTOR_FERRY_WRITE_STRUCTURES"] == "1" {
      let entries = texts.map {
        "    (\n      \"\($0.set)\",\n#\"\"\"\n\($0.text)\n\"\"\"#\n    ),\n"
      }
      try """
      // Written by SetStructureTests from the bundled sets; do not edit.
      // swift-format-ignore-file

      /// The states of the bundled sets, as `SetStructure` reads them.
      enum SetStructureTexts {
        static let all: [(set: String, text: String)] = [
      \(entries.joined())  ]
      }

      """.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }
    #expect(texts.map(\.set) == SetStructureTexts.all.map(\.set))
    for (made, recorded) in zip(texts, SetStructureTexts.all) {
      #expect(made.text == recorded.text, "\(made.set)")
      let states = SetStructure.states(of: made.set)
      #expect(states.map(\.versions) == SetStructure.orders(of: made.set))
      #expect(SetStructure.text(of: states) == made.text)
    }
  }
}
