import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct StatusTests {
  /// A store in the output of `status --json`.
  private struct Store {
    let outcome: String
    let isWell: Bool
    let remarks: String
    let table: String
  }

  private func migrated(_ users: [String] = ["ann", "bob"], rows: Int = 3) throws -> Ferry {
    let ferry = try Ferry()
    for user in users {
      try ferry.writeStore(user: user, rows: Ferry.rows(rows), texts: Ferry.texts(rows))
    }
    #expect(try ferry.run("--no-backup").status == 0)
    return ferry
  }

  /// Runs `status --json`, and returns the stores by user.
  private func status(
    _ ferry: Ferry, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> (code: Int32, document: [String: Any], stores: [String: Store]) {
    let outcome = try TestSupport.run(
      Ferry.binary, ["status", "--json"] + arguments,
      environment: Ferry.clean(ferry.database.url, environment), directory: ferry.folder.path)
    let document = try Ferry.json(outcome)
    let stores = try #require(document["stores"] as? [[String: Any]])
    return (
      outcome.status, document,
      Dictionary(
        uniqueKeysWithValues: stores.map { store in
          let remarks =
            [store["reason"] as? String].compactMap { $0 }
            + (store["differences"] as? [String] ?? []) + (store["notes"] as? [String] ?? [])
          return (
            store["user"] as? String ?? "",
            Store(
              outcome: store["outcome"] as? String ?? "", isWell: store["well"] as? Bool ?? false,
              remarks: remarks.joined(separator: "; "), table: store["table"] as? String ?? "")
          )
        })
    )
  }

  @Test func `unchanged stores keep their count, and a table that went is said with its stores`()
    throws
  {
    let ferry = try migrated()
    #expect(try ferry.run("--no-backup").text.contains("Unchanged: 2"))
    let (code, document, stores) = try status(ferry)
    #expect(code == 0 && stores["ann"]?.outcome == "unchanged")
    let counts = (document["stores"] as? [[String: Any]])?.map { $0["documents"] as? Int }
    #expect(counts == [3, 3])
    try ferry.database.connect().execute(script: "DROP TABLE vector_documents")
    let verified = try ferry.run("verify")
    #expect(verified.status == 3)
    for word in ["does not exist any more", "2 stores (ann/", "bob/", "migrate"] {
      #expect(verified.errorText.contains(word), "\(verified.errorText)")
    }
  }

  @Test func `a rolled-back store is shown as rolled back, with the run that did it`() throws {
    let ferry = try migrated()
    #expect(try status(ferry).code == 0)
    try ferry.database.connect().query(
      "UPDATE vector_documents SET text = 'mine' WHERE id = (SELECT min(id::text)::uuid FROM vector_documents WHERE user_id = 'bob')"
    )
    #expect(try ferry.run("rollback", "--yes").status == 0)
    let (code, _, stores) = try status(ferry)
    #expect(code == 1)
    #expect(stores["ann"]?.outcome == "rolled_back")
    #expect(stores["bob"]?.outcome == "partly_rolled_back")
    #expect(stores["bob"]?.remarks.contains("1 rows stay because they were changed") == true)
    // Without the database, the journal gives the same status.
    let alone = try status(
      ferry, environment: ["DATABASE_URL": ferry.database.url + "?connect_timeout=2&port=1"])
    #expect(alone.code == 1 && alone.document["compared"] as? Bool == false)
    #expect(alone.stores["bob"]?.outcome == "partly_rolled_back", "\(alone)")
    let text = try ferry.run("status").text
    #expect(text.contains("rolled back in part") && !text.contains("succeeded"), "\(text)")
    #expect(
      text.contains("2 stores rolled back: migrate writes the documents of these stores again"))
    #expect(text.contains(", which rolled back run "), "\(text)")
    #expect(try ferry.run("--no-backup", "--force").status == 0)
    #expect(try status(ferry).code == 0)
  }

  @Test func `a rollback that was killed leaves no store called well or gone without knowing`()
    throws
  {
    let ferry = try migrated()
    let running = try RunningFerry(
      Ferry.binary, ["rollback", "--yes"],
      environment: try Ferry.clean(
        ferry.database.url, ["VECTOR_FERRY_PAUSE_AT": "rollback-removed"]),
      directory: ferry.folder.path)
    #expect(running.waitForError("paused at"), "\(running.errors)")
    running.signal(SIGKILL)
    _ = try running.finish()
    try ferry.settle()
    // Nothing was committed, which the ledger shows and the journal does not.
    #expect(try status(ferry).stores.mapValues(\.outcome) == ["ann": "listed", "bob": "listed"])
    let alone = try status(ferry, environment: ["DATABASE_URL": ferry.database.url + "?port=1"])
    #expect(alone.stores.mapValues(\.outcome) == ["ann": "not_finished", "bob": "not_finished"])
    #expect(alone.code == 1 && alone.document["compared"] as? Bool == false)
    try ferry.database.connect().execute(
      script: "DELETE FROM vector_ferry.stores WHERE user_id = 'ann'")
    #expect(try status(ferry).stores["ann"]?.outcome == "rolled_back")
  }

  @Test func `a store brought back to its earlier state is in the database`() throws {
    let ferry = try migrated(["ann"])
    try ferry.writeStore(user: "ann", rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.writeStore(user: "bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    try ferry.writeStore(user: "ann", rows: Ferry.rows(7), texts: Ferry.texts(7))
    #expect(try ferry.run().status == 0)
    #expect(try ferry.run("rollback", "--yes", "--restore").status == 0)
    let (code, _, stores) = try status(ferry)
    #expect(code == 0)
    #expect(stores["ann"]?.outcome == "restored")
    #expect(stores["ann"]?.remarks.contains("5 documents of the run before were restored") == true)
    #expect(stores["bob"]?.outcome == "unchanged")
  }

  @Test func `a database that could not be asked is never called well`() throws {
    let ferry = try migrated(["ann"])
    let away = try ferry.run(
      "status", environment: ["DATABASE_URL": ferry.database.url + "?connect_timeout=2&port=1"])
    #expect(away.status == 3 && away.text.contains("From the journal alone"), "\(away.text)")
    let role = try Role("looker", in: ferry)
    let unread = try ferry.run(
      "status", environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(unread.status == 3, "\(unread.text)")
    #expect(unread.text.contains("From the journal alone"), "\(unread.text)")
    // In a directory without earlier runs, there is nothing to compare with.
    let fresh = try TemporaryDirectory("fresh")
    let nothing = try TestSupport.run(
      Ferry.binary, ["status"], environment: Ferry.clean("", [:]), directory: fresh.path)
    #expect(nothing.status == 0, "\(nothing.text)\(nothing.errorText)")
  }

  /// Changes that the journal does not know, each with the status of ann's store after it.
  private static let changes: [(script: String, outcome: String, isWell: Bool, words: String)] = [
    ("TRUNCATE vector_documents", "succeeded", false, "none of the store's 3 rows"),
    ("DROP TABLE vector_documents", "succeeded", false, "does not exist any more"),
    (
      "DELETE FROM vector_documents WHERE id = (SELECT min(id::text)::uuid FROM vector_documents WHERE user_id = 'ann')",
      "succeeded", true, "1 of the store's rows were deleted since"
    ),
    ("DELETE FROM vector_ferry.stores", "succeeded", false, "does not list the store"),
    ("DROP SCHEMA vector_ferry CASCADE", "succeeded", false, "has no ledger"),
    (
      "INSERT INTO vector_ferry.runs (id, host, pid, program_version) VALUES ('00000000-0000-4000-8000-000000000001', 'h', 1, '0'); UPDATE vector_ferry.stores SET run_id = '00000000-0000-4000-8000-000000000001', migrated_at = '2001-01-01'",
      "succeeded", false, "an earlier state"
    ),
    (
      "INSERT INTO vector_ferry.runs (id, host, pid, program_version) VALUES ('00000000-0000-4000-8000-000000000001', 'h', 1, '0'); UPDATE vector_ferry.stores SET run_id = '00000000-0000-4000-8000-000000000001', migrated_at = '2999-01-01'",
      "succeeded", true, "has written the store since then"
    ),
    (
      "INSERT INTO vector_ferry.runs (id, host, pid, program_version, takes_back) SELECT '00000000-0000-4000-8000-000000000002', 'other', 1, '0', id FROM vector_ferry.runs; DELETE FROM vector_ferry.stores",
      "rolled_back", false, "by run 00000000"
    ),
  ]

  @Test(arguments: changes.indices)
  func `what the database has otherwise is said, and the exit code follows`(change: Int) throws {
    let (script, outcome, isWell, words) = Self.changes[change]
    let ferry = try migrated()
    try ferry.database.connect().execute(script: SQL(script: script))
    let (code, document, stores) = try status(ferry)
    #expect(document["compared"] as? Bool == true)
    #expect(stores["ann"]?.outcome == outcome && stores["ann"]?.isWell == isWell)
    #expect(stores["ann"]?.remarks.contains(words) == true, "\(stores)")
    #expect(code == (isWell ? 0 : 1))
  }

  private func newestDump(of ferry: Ferry) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup/dumps"))
    return try #require(names.filter { $0.hasSuffix(".dump") }.max())
  }

  @Test func `a database that was replaced by its own dump keeps its history`() throws {
    let ferry = try migrated()
    try ferry.writeStore(user: "eve", rows: Ferry.rows(3), texts: Ferry.texts(2))
    #expect(try ferry.run("--no-backup").status == 1)
    #expect(try ferry.run("backups", "dump").status == 0)
    let outcome = try ferry.run(
      "backups", "restore", "--dump", try newestDump(of: ferry), "--into", ferry.database.name,
      "--replace", "--yes", "--json")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let former = try #require(try Ferry.json(outcome)["former"] as? String)
    defer {
      _ = try? TestServer.connect().query(
        "DROP DATABASE IF EXISTS \(Identifier(former)) WITH (FORCE)")
    }
    let (code, document, stores) = try status(ferry)
    #expect(code == 1)
    #expect(
      stores.mapValues(\.outcome) == ["ann": "unchanged", "bob": "unchanged", "eve": "failed"])
    #expect(stores["ann"]?.remarks == "", "\(stores)")
    #expect((document["other_tables"] as? [Any])?.isEmpty != false, "\(document)")
    // The store that failed is migrated again, and the migrated stores are not.
    try ferry.writeStore(user: "eve", rows: Ferry.rows(3), texts: Ferry.texts(3))
    let again = try Ferry.json(try ferry.run("--no-backup", "--failed", "--json"))
    #expect((again["stores"] as? [Any])?.count == 1, "\(again)")
    #expect(try status(ferry).code == 0)
  }

  @Test func `a copy of a database says which one its runs were recorded with`() throws {
    let ferry = try migrated(["ann"])
    #expect(try ferry.run("backups", "dump").status == 0)
    let copy = try TestDatabase()
    let outcome = try ferry.run(
      "backups", "restore", "--dump", try newestDump(of: ferry), "--into", copy.name, "--yes")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let (code, _, stores) = try status(ferry, environment: ["DATABASE_URL": copy.url])
    #expect(code == 0 && stores["ann"]?.outcome == "listed")
    #expect(
      stores["ann"]?.remarks.contains("this database is a copy of that one") == true, "\(stores)")
    #expect(stores["ann"]?.remarks.contains(ferry.database.name) == true, "\(stores)")
  }

  @Test func `a database restored from a dump of before the rollback is told`() throws {
    let ferry = try migrated(["ann"])
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE TABLE kept_stores AS SELECT * FROM vector_ferry.stores;
        CREATE TABLE kept_documents AS SELECT * FROM vector_ferry.documents;
        CREATE TABLE kept_rows AS SELECT * FROM vector_documents;
        """)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    try session.execute(
      script: """
        INSERT INTO vector_ferry.stores OVERRIDING SYSTEM VALUE SELECT * FROM kept_stores;
        INSERT INTO vector_ferry.documents SELECT * FROM kept_documents;
        INSERT INTO vector_documents SELECT * FROM kept_rows;
        """)
    // The database decides: it has the store, as verify and the next run also find.
    let (code, _, stores) = try status(ferry)
    #expect(code == 0 && stores["ann"]?.outcome == "listed", "\(stores)")
    #expect(stores["ann"]?.remarks.contains("from before the rollback was restored") == true)
    let text = try ferry.run("status").text
    #expect(!text.contains("migrate writes"), "\(text)")
    #expect(try ferry.run("verify").status == 0)
    try session.execute(script: "DELETE FROM vector_documents")
    #expect(try status(ferry).code == 1)
  }

  @Test func `rows that no ledger lists are said where nothing else is known`() throws {
    let ferry = try migrated(["ann"])
    try ferry.database.connect().execute(script: "DROP SCHEMA vector_ferry CASCADE")
    let outcome = try ferry.run("status", "--backup-dir", "elsewhere")
    #expect(
      outcome.text.contains("public.vector_documents holds rows, and the database has no ledger"),
      "\(outcome.text)")
    let document = try status(ferry, "--backup-dir", "elsewhere").document
    #expect(document["unlisted_table"] as? String == "public.vector_documents")
    try ferry.database.connect().execute(script: "DELETE FROM vector_documents")
    #expect(try status(ferry, "--backup-dir", "elsewhere").document["unlisted_table"] is NSNull)
  }

  @Test func `one database's outcome neither hides nor stands for another's`() throws {
    let ferry = try migrated(["ann"])
    let other = try TestDatabase()
    let variables = ["DATABASE_URL": try other.url]
    // The store fails only in the other database, and in another table of the first database.
    try ferry.writeStore(user: "ann", rows: Ferry.rows(3), texts: Ferry.texts(2))
    #expect(try ferry.run("--no-backup", environment: variables).status == 1)
    let first = try status(ferry)
    #expect(first.code == 0 && first.stores["ann"]?.outcome == "succeeded", "\(first)")
    #expect(first.document["other_stores"] as? Int == 1)
    let second = try status(ferry, environment: variables)
    #expect(second.code == 1 && second.stores["ann"]?.outcome == "failed", "\(second)")
    #expect(try ferry.run("--no-backup", "--table", "notes").status == 1)
    #expect(try ferry.run("status").text.contains("Table public.notes"))
    #expect(try status(ferry, "--table", "vector_documents").code == 0)
    #expect(try status(ferry, "--table", "notes").stores["ann"]?.table == "public.notes")
    let all = try ferry.run("status", "--all", environment: variables)
    #expect(all.text.contains("Another database:"), "\(all.text)")
  }

  @Test func `a failure in the second in which another run committed is not hidden by it`() throws {
    let ferry = try migrated(["ann"])
    let session = try ferry.database.connect()
    try session.query("UPDATE vector_documents SET text = 'edited'")
    try ferry.writeStore(rows: Ferry.rows(4), texts: Ferry.texts(4))
    #expect(try ferry.run().status == 1)
    let stores = try Ferry.json(try ferry.run("status", "--json"))["stores"] as? [[String: Any]]
    let began = try #require(stores?.first?["started_at"] as? String)
    try session.query("UPDATE vector_ferry.stores SET migrated_at = \(began)::timestamptz")
    let (code, _, shown) = try status(ferry)
    #expect(code == 1 && shown["ann"]?.outcome == "failed", "\(shown)")
    // An entry of the ledger that is later than the failed run counts.
    try session.query(
      "UPDATE vector_ferry.stores SET migrated_at = \(began)::timestamptz + interval '1 minute'")
    #expect(try status(ferry).stores["ann"]?.outcome == "listed")
  }

  @Test func `a database that was dropped and made again under its name is another one`() throws {
    let ferry = try migrated(["ann"])
    let name = ferry.database.name
    try ferry.settle()
    let admin = try TestDatabase()
    let session = try admin.connect()
    try session.query("DROP DATABASE \(Identifier(name)) WITH (FORCE)")
    try session.query("CREATE DATABASE \(Identifier(name))")
    let (code, document, stores) = try status(ferry)
    #expect(stores.isEmpty && code == 0, "\(stores)")
    #expect(document["other_stores"] as? Int == 1)
    #expect(try ferry.run("status").text.contains("No run with this database is recorded"))
  }

  @Test func `without the database it is said that the journal speaks alone`() throws {
    let ferry = try migrated(["ann"])
    let gone = try ferry.database.url.replacingOccurrences(of: ferry.database.name, with: "gone")
    let (code, document, stores) = try status(ferry, environment: ["DATABASE_URL": gone])
    #expect(document["compared"] as? Bool == false && stores.isEmpty && code == 3)
    let outcome = try ferry.run("status", environment: ["DATABASE_URL": gone])
    #expect(outcome.text.contains("From the journal alone"), "\(outcome.text)")
    #expect(outcome.text.contains("1 store of other databases or tables"), "\(outcome.text)")
    // A role that may not read the ledger cannot compare anything.
    let role = "blind_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.query("CREATE ROLE \(Identifier(role)) LOGIN")
    defer { _ = try? session.query("DROP ROLE \(Identifier(role))") }
    let blind = try status(ferry, environment: ["DATABASE_URL": try ferry.url(as: role)])
    #expect(blind.document["compared"] as? Bool == false, "\(blind.document)")
    #expect((blind.document["not_compared"] as? String ?? "").contains("permission denied"))
  }

  @Test func `a store that another machine has migrated is listed from the ledger`() throws {
    let ferry = try migrated(["ann"])
    try FileManager.default.removeItem(atPath: ferry.folder.file("migration_backup"))
    let (code, _, stores) = try status(ferry)
    #expect(code == 0 && stores["ann"]?.outcome == "listed", "\(stores)")
    #expect(try ferry.run("status").text.contains("in the database"))
  }
}

extension StatusTests {
  private func failing() throws -> (ferry: Ferry, run: String) {
    let ferry = try migrated(["ann", "zoe"])
    try ferry.writeStore(user: "mia", rows: Ferry.rows(3), texts: Ferry.texts(3))
    try Data("[]".utf8).write(
      to: URL(fileURLWithPath: ferry.folder.file("user_data/mia/vector_store_notes/metadata.json")))
    let outcome = try ferry.run("--no-backup", "--json")
    #expect(outcome.status == 1)
    return (ferry, try #require(try Ferry.json(outcome)["run"] as? String))
  }

  @Test func `what failed comes first, and can be shown alone`() throws {
    let (ferry, _) = try failing()
    let all = try ferry.run("status").text.split(separator: "\n").map(String.init)
    let places = ["mia", "ann", "zoe"].map { user in all.firstIndex { $0.hasPrefix(user) } ?? -1 }
    #expect(places.min() ?? -1 >= 0 && places == places.sorted(), "\(all)")
    #expect(all.contains("3 stores: 1 failed, 2 unchanged"), "\(all)")
    let failed = try status(ferry, "--failed")
    #expect(failed.code == 1 && Array(failed.stores.keys) == ["mia"])
    let others = try status(ferry, "--exclude", "mia")
    #expect(others.code == 0 && Set(others.stores.keys) == ["ann", "zoe"])
    let some = try status(ferry, "--user", "?nn")
    #expect(some.code == 0 && Array(some.stores.keys) == ["ann"])
    let none = try ferry.run("status", "--failed", "--user", "ann")
    #expect(none.status == 0 && none.text.contains("No store that the options choose"))
    let slip = try ferry.run("status", "--user", "an")
    #expect(slip.status == 3 && slip.errorText.contains("--user an: there is no such store"))
  }

  @Test func `history shows one run with its stores and how long they took`() throws {
    let (ferry, run) = try failing()
    let shown = try ferry.run("history", "show", String(run.prefix(8)))
    #expect(shown.status == 0, "\(shown.errorText)")
    for words in [
      "Run \(run)", "Kind: migrate", "exit code 1", "3 stores: 1 failed, 2 unchanged",
      "Table: public.vector_documents",
    ] {
      #expect(shown.text.contains(words), "\(shown.text)")
    }
    let json = try Ferry.json(try ferry.run("history", "show", run, "--json"))
    let stores = try #require(json["stores"] as? [[String: Any]])
    #expect(stores.count == 3)
    let failed = try #require(stores.first { $0["user"] as? String == "mia" })
    #expect(failed["outcome"] as? String == "failed" && failed["reason"] is String)
    #expect(try ferry.run("history", "show", "ffffffffffff").status == 3)
    let slip = try ferry.run("history", "show")
    #expect(slip.status == 3 && slip.errorText.contains("history show RUN"), "\(slip.errorText)")
  }

  @Test func `a pattern chooses the stores of a run, and --exclude leaves some out`() throws {
    let ferry = try Ferry()
    for user in ["ann", "anna", "bob"] {
      try ferry.writeStore(user: user, rows: Ferry.rows(3), texts: Ferry.texts(3))
    }
    #expect(try ferry.run("--no-backup", "--user", "an*", "--exclude", "ann/n*").status == 0)
    #expect(try ferry.counts() == ["anna/notes": 3])
    let slip = try ferry.run("--no-backup", "--exclude", "eve")
    #expect(slip.status == 3 && slip.errorText.contains("--exclude eve: there is no such store"))
    #expect(try ferry.run("--no-backup", "--user", "*").status == 0)
    #expect(try ferry.counts().count == 3)
    // A slip must not take what should stay, whatever the command is.
    for command in [
      ["rollback", "--yes", "--exclude", "bbo"],
      ["rollback", "--yes", "--user", "bob", "--user", "eve"],
      ["verify", "--exclude", "bbo"], ["scan", "--exclude", "bbo"], ["scan", "--user", "eve"],
      ["projection", "list", "--user", "eve"],
    ] {
      let refused = try ferry.run(command: command)
      #expect(refused.status == 3, "\(command): \(refused.text)\(refused.errorText)")
      #expect(refused.errorText.contains("there is no such store"), "\(refused.errorText)")
    }
    #expect(try ferry.counts().count == 3)
    #expect(try ferry.run("rollback", "--yes", "--user", "b*").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 3, "anna/notes": 3])
  }
}
