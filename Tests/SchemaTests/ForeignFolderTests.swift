import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Folders that another tool's users have written.
@Suite(.enabled(if: TestServer.isAvailable)) struct ForeignFolderTests {
  /// Files that hold both ways. Up makes `t` with 1,000 rows beside `kept`; down drops `t`.
  static let bothWays: [(form: String, file: String, text: String)] = [
    (
      "goose", "00001_t.sql",
      "-- +goose Up\nUP\n\n-- +goose Down\nDOWN\n"
    ),
    (
      "goose, in any case", "20240101000000_t.sql",
      "-- a comment\n-- +GOOSE up\n-- +goose statementbegin\nUP\n-- +goose StatementEnd\n"
        + "-- +goose down\n-- +goose StatementBegin\nDOWN\n-- +goose StatementEnd\n"
    ),
    (
      "goose outside a transaction", "1_t.sql",
      "-- +goose NO TRANSACTION\n-- +goose Up\nUP\n-- +goose Down\nDOWN\n"
    ),
    (
      "sql-migrate", "20150101-t.sql",
      "-- +migrate Up\nUP\n-- +migrate Down\nDOWN\n"
    ),
    (
      "sql-migrate outside a transaction", "1_t.sql",
      "-- +migrate Up notransaction\nUP\n-- +migrate Down notransaction\nDOWN\n"
    ),
    ("tern", "001_t.sql", "UP\n---- create above / drop below ----\nDOWN\n"),
    ("node-pg-migrate", "1700000000000_t.sql", "-- Up Migration\nUP\n-- Down Migration\nDOWN\n"),
    ("dbmate", "20240101000000_t.sql", "-- migrate:up\nUP\n-- migrate:down\nDOWN\n"),
    (
      "dbmate outside a transaction", "1_t.sql",
      "-- migrate:up  transaction:false\nUP\n--migrate:down\ttransaction:false\nDOWN\n"
    ),
  ]

  static let up = """
    CREATE TABLE t (a int);
    INSERT INTO t SELECT generate_series(1, 1000);
    """

  static func file(_ form: String) -> (name: String, text: String) {
    let entry = bothWays.first { $0.form == form }!
    return (
      entry.file,
      entry.text.replacing("UP\n", with: up + "\n").replacing("DOWN\n", with: "DROP TABLE t;\n")
    )
  }

  @Test(arguments: bothWays.map(\.form))
  func `up runs the way up alone, down the way down, and up again brings the rows back`(
    form: String
  ) throws {
    let folder = try Folder()
    let (name, text) = Self.file(form)
    try folder.write(text, to: name)
    for _ in 1...2 {
      try folder.run(.up(.all))
      #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
      try folder.run(.down(.all))
      #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
    }
    try folder.run(.up(.all))
    try folder.run(.redo)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
  }
}
