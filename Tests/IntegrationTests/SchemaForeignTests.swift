import Foundation
import Postgres
import TestSupport
import Testing

/// Tests folders of other migration tools on the command line.
@Suite(.needsServer, .serialized) struct SchemaForeignTests {
  private static let goose = """
    -- +goose Up
    CREATE TABLE t (a int);
    INSERT INTO t SELECT generate_series(1, 1000);
    -- +goose Down
    DROP TABLE t;
    """

  @Test func `a folder of goose's goes up with its rows, and every command says how it was read`()
    throws
  {
    let ferry = try Ferry()
    try ferry.folder.write(Self.goose, to: "m/00001_t.sql")
    let up = try ferry.run("schema", "up", "--dir", "m", "--yes")
    #expect(up.status == 0)
    #expect(try ferry.scalar("SELECT count(*) FROM t") == 1000)
    for command in ["up", "status", "check", "verify"] {
      let outcome = command == "up" ? up : try ferry.run("schema", command, "--dir", "m")
      #expect(
        outcome.text.contains("Files read as: goose (1 up migration, 1 down migration)"),
        "\(command)")
      #expect(outcome.status == 0)
    }
    for command in ["status", "check", "verify"] {
      let outcome = try ferry.run("schema", command, "--dir", "m", "--json")
      let document = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.text.utf8)) as? [String: Any])
      let files = try #require(document["files"] as? [String: Any])
      #expect(files["forms"] as? [String] == ["goose"])
      #expect(files["ups"] as? Int == 1 && files["downs"] as? Int == 1)
    }
    let down = try ferry.run("schema", "down", "--dir", "m", "--dry-run")
    #expect(down.text.contains("DROP TABLE t") && !down.text.contains("CREATE TABLE"))
  }

  @Test func `what is not understood stops every command before the database is touched`() throws {
    let ferry = try Ferry()
    try ferry.folder.write(Self.goose, to: "m/00001_t.sql")
    try ferry.folder.write("-- migrate:up\nSELECT 1;", to: "m/00002_u.sql")
    let outcomes = [
      try ferry.run("schema", "up", "--dir", "m", "--yes"),
      try ferry.run("schema", "down", "--dir", "m", "--yes"),
      try ferry.run("schema", "redo", "--dir", "m", "--yes"),
      try ferry.run("schema", "baseline", "1", "--dir", "m", "--yes"),
      try ferry.run("schema", "revert", "1", "--dir", "m", "--yes"),
      try ferry.run("schema", "status", "--dir", "m"),
      try ferry.run("schema", "verify", "--dir", "m"),
      try ferry.run("schema", "check", "--dir", "m", "--json"),
      try ferry.run("schema", "make", "next", "--dir", "m"),
    ]
    for outcome in outcomes {
      #expect(outcome.status == 3)
      #expect(outcome.errorText.contains("m/00001_t.sql is written for goose, and m/00002_u.sql"))
      #expect(outcome.errorText.contains("Remedy: keep the files of one tool in one folder"))
    }
    #expect(try ferry.scalar("SELECT to_regclass('schema_migrations') IS NULL") == true)
  }
}
