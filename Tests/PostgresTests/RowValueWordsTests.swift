import Foundation
import TestSupport
import Testing

@testable import Postgres

/// Tests the words that are shown of an error that may repeat a row's values.
struct RowValueWordsTests {
  private func error(
    _ sqlState: String, _ message: String, detail: String? = nil, table: String? = nil,
    constraint: String? = nil, routine: String? = nil, context: String? = nil
  ) -> ServerError {
    ServerError(
      severity: "ERROR", sqlState: sqlState, message: message, detail: detail, hint: nil,
      schema: table == nil ? nil : "public", table: table, constraint: constraint, position: nil,
      statement: "s", routine: routine, context: ServerContext(context))
  }

  @Test(arguments: [
    ("value \"99\" is out of range for type integer", "value … is out of range for type integer"),
    (
      "ungültige Eingabesyntax für Typ integer: »a»b«", "ungültige Eingabesyntax für Typ integer: …"
    ),
    (
      "syntaxe en entrée invalide pour le type integer : « x »",
      "syntaxe en entrée invalide pour le type integer : …"
    ),
    ("expected 3 dimensions, not 8", "expected 3 dimensions, not 8"),
    ("one \" alone", "one … alone"),
    ("invalid input: \"he said \"no\"\" here", "invalid input: … here"), ("", ""),
  ])
  func `quotations are left out whatever the language`(message: String, shown: String) {
    #expect(error("22P02", message).description == "\(shown) (SQLSTATE 22P02)")
  }

  @Test func `a constraint is named with its table, and no key`() {
    let shown = error(
      "23505", "duplicate key value violates unique constraint \"u\"",
      detail: "Key (text)=(secret) already exists.", table: "t", constraint: "u"
    ).description
    #expect(
      shown == "duplicate key value violates unique constraint \"u\" of table public.t "
        + "(SQLSTATE 23505)")
  }

  @Test(arguments: [
    ("PL/pgSQL function check_text() line 3 at RAISE", "the function check_text()"),
    (
      "PL/pgSQL function app.check_text(integer,text) line 3 at RAISE\nCOPY t, line 4",
      "the function app.check_text(integer,text)"
    ),
    (
      "PL/pgSQL-Funktion check_text() Zeile 3 bei RAISE\nCOPY t, Zeile 4",
      "the function check_text()"
    ),
    ("PL/Python function \"check\"", "a function of the database"),
    ("check() LINE 3: plv8.elog(ERROR, NEW.text)", "a function of the database"),
    // The innermost function, which is not this program's, has raised the error.
    (
      "PL/pgSQL function f() line 1 at RAISE\nSQL statement \"SELECT f()\"\n"
        + "PL/pgSQL function vector_ferry.search(text) line 2 at PERFORM", "the function f()"
    ),
    (
      "PL/pgSQL function f() line 1 at RAISE\nPL/pgSQL function inline_code_block line 2 at PERFORM",
      "the function f()"
    ),
  ])
  func `words of other people's functions are not shown`(context: String, author: String) {
    for sqlState in ["P0001", "53100", "23514", "22P02", "42703"] {
      let shown = error(
        sqlState, "secret", detail: "secret", routine: "exec_stmt_raise", context: context
      ).description
      #expect(shown.hasPrefix("\(author) refused the statement (SQLSTATE \(sqlState))"), "\(shown)")
      #expect(!shown.contains("secret"))
    }
    #expect(error("42703", "column \"secret\" does not exist", context: context).isWordedByFunction)
    // The server's own messages about missing space or memory are shown, whatever function was
    // running.
    #expect(error("53100", "no space", context: context).description == "no space (SQLSTATE 53100)")
  }

  @Test(arguments: [
    "COPY t, line 4", "PL/pgSQL function inline_code_block line 2 at RAISE",
    "PL/pgSQL function vector_ferry.search(text) line 2 at RAISE",
    "SQL function \"search\" statement 1", "compilation of PL/pgSQL function \"f\" near line 1",
  ])
  func `words of the statement's own blocks and of our functions are shown`(context: String) {
    let shown = error("P0001", "3 rows are left", routine: "exec_stmt_raise", context: context)
    #expect(shown.description == "3 rows are left (SQLSTATE P0001)")
  }

  @Test(
    arguments: [
      ("COPY t, line 4", 4), ("COPY t, Zeile 12, Spalte text", 12), ("COPY t2, line 4", nil),
      ("SQL statement \"COPY t, line 3\"", nil), ("x\nCOPY t, line 7, column b", 7),
      ("COPY t", nil),
    ] as [(String, Int?)])
  func `the row of a COPY is told`(context: String, row: Int?) {
    #expect(ServerContext(context).copiedRow(of: "t") == row)
  }

  @Test(.needsServer)
  func `a restore that fails shows no row`() throws {
    let database = try TestDatabase()
    let session = try database.connect()
    try session.execute(
      script: "CREATE TABLE t (text text UNIQUE); INSERT INTO t VALUES ('canary-restored')")
    let folder = try TemporaryDirectory("dump")
    let programs = try DumpPrograms.find(forServer: session.serverVersion)
    let dump = try DatabaseDump(at: folder.write("", to: "t.dump"), programs: programs)
    try session.transaction(.repeatableRead) {
      let snapshot: String? = try session.scalar("SELECT pg_export_snapshot()")
      try dump.make(of: session, snapshot: snapshot ?? "")
    }
    let table = QualifiedName(schema: "public", "t")
    for change: SQL in [
      "SELECT", "ALTER TABLE t ALTER COLUMN text TYPE integer USING 1",
      "TRUNCATE t; ALTER TABLE t ADD CHECK (text = 1)",
    ] {
      try session.execute(script: change)
      let error = #expect(throws: DumpError.self) {
        try dump.restore(.rows([table]), into: database.name, like: session)
      }
      let shown = "\(try #require(error))"
      #expect(shown.contains("COPY failed for table \"t\""), "\(shown)")
      #expect(!shown.contains("canary"), "\(shown)")
    }
  }
}
