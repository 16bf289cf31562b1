import TestSupport
import Testing

import SQLText
@testable import MigrationFiles
@testable import Schema

/// Tests that the time for a file depends only on its length, however many lines and statements it
/// has.
@Suite(.serialized) struct SizeTests {
  /// Returns the time to read a text as a migration, and to make the words that are shown of it.
  private func seconds(_ text: String) throws -> Double {
    let bytes = Array(text.utf8)
    let clock = ContinuousClock()
    let time = try clock.measure {
      let parser = MigrationParser(file: "1_a.sql", mayInstall: false)
      let content = try parser.content(of: MigrationText(bytes, file: "1_a.sql"), way: .both)
      for statement in content.up?.statements ?? [] {
        #expect(statement.summary().count <= 60)
      }
      #expect(content.up?.isOneTransaction == true)
    }
    return time.seconds
  }

  static let shapes: [(name: String, text: @Sendable (Int) -> String)] = [
    ("statements on one line", { String(repeating: "SELECT 1;", count: $0 * 600) }),
    (
      "statements on lines of their own",
      { String(repeating: "INSERT INTO t VALUES (1, 'x');\n", count: $0 * 200) }
    ),
    ("one literal", { "SELECT '" + String(repeating: "a b ", count: $0 * 2000) + "';" }),
    ("one dollar literal", { "SELECT $$" + String(repeating: "é$\n", count: $0 * 1000) + "$$;" }),
    ("one list", { "SELECT 1" + String(repeating: ", 'ab'", count: $0 * 200) + ";" }),
    ("comments", { String(repeating: "/* a */ -- b\n", count: $0 * 100) + "SELECT 1;" }),
    (
      "a body of a function",
      {
        "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC "
          + String(repeating: "SELECT CASE WHEN true THEN 'a' END;", count: $0 * 15) + " END;"
      }
    ),
    ("carriage returns", { String(repeating: "\r", count: $0 * 2000) + "\nSELECT 1;" }),
  ]

  @Test(arguments: shapes.indices)
  func `four times the text takes about four times as long`(shape: Int) throws {
    let (name, text) = Self.shapes[shape]
    _ = try seconds(text(1))
    // The best of four measurements counts, because other work on the machine makes each longer.
    let small = try (0..<4).map { _ in try seconds(text(2)) }.min() ?? 0
    let large = try (0..<4).map { _ in try seconds(text(8)) }.min() ?? 0
    #expect(large < small * 8 + 0.05, "\(name): \(small) s, then \(large) s")
    #expect(large < 10, "\(name): \(large) s")
  }
}
