import Foundation
import Postgres
import TestSupport
import Testing

/// Tests faults of files: a store with a fault is refused by name, and another store is migrated.
@Suite(.needsServer)
struct SourceFaultTests {
  /// Creates a good store of bob, and a store of ann with the given rows and metadata.
  private static func ferry(rows: [[Double]] = Ferry.rows(3), json: String? = nil) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(2, seed: 4), texts: Ferry.texts(2))
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    if let json {
      try ferry.folder.write(json, to: "user_data/ann/vector_store_notes/metadata.json")
    }
    return ferry
  }

  /// Expects that ann's store fails with these words, that bob's is migrated, and that files stay
  /// unchanged.
  private func expectRefusal(_ ferry: Ferry, _ words: String..., arguments: [String] = []) throws {
    let before = try contents(of: ferry.folder.file("user_data"))
    let outcome = try TestSupport.run(
      Ferry.binary, Ferry.words(arguments), environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Failed: ann/notes"), "\(outcome.text)")
    for word in words { #expect(outcome.text.contains(word), "\(word) in \(outcome.text)") }
    #expect(try ferry.counts() == ["bob/notes": 2])
    #expect(try contents(of: ferry.folder.file("user_data")) == before)
  }

  private static func entries(_ count: Int, _ more: String = "") -> String {
    let list = (0..<count).map { #"{"id":"d\#($0)","text":"text \#($0)"\#(more)}"# }
    return "[\(list.joined(separator: ","))]"
  }

  @Test func `pickle truncated, flipped`() throws {
    let ferry = try Self.ferry()
    let path = "user_data/ann/vector_store_notes/vectors.pkl"
    let whole = Ferry.pickle(Ferry.rows(3))
    for count in [0, 1, 5, whole.count / 2, whole.count - 1] {
      try ferry.folder.write(Array(whole[..<count]), to: path)
      try expectRefusal(ferry, "vectors.pkl")
    }
    var flipped = whole
    flipped[2] ^= 0x10
    try ferry.folder.write(flipped, to: path)
    try expectRefusal(ferry, "vectors.pkl")
  }

  @Test func `malicious pickle`() throws {
    let ferry = try Self.ferry()
    let canary = ferry.folder.file("canary")
    for module in ["os", "posix", "subprocess", "builtins"] {
      let name = module == "builtins" ? "eval" : "system"
      let text = "c\(module)\n\(name)\n(S'touch \(canary)'\ntR."
      try ferry.folder.write(text, to: "user_data/ann/vector_store_notes/vectors.pkl")
      try expectRefusal(ferry, "vectors.pkl")
      #expect(!FileManager.default.fileExists(atPath: canary))
    }
  }

  @Test(arguments: [0, 2, 4])
  func `counts differ`(count: Int) throws {
    let ferry = try Self.ferry(json: Self.entries(count))
    try expectRefusal(ferry, "3", "\(count)", "--allow-mismatch")
    if count > 0 {
      let outcome = try ferry.run("--allow-mismatch", "--user", "ann")
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      #expect(try ferry.counts()["ann/notes"] == min(count, 3))
      #expect(outcome.errorText.contains(count < 3 ? "2" : "3"), "\(outcome.errorText)")
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e39, 3.4028235677973366e38])
  func `NaN, ±Inf, above FLT_MAX`(number: Double) throws {
    var rows = Ferry.rows(3)
    rows[1][5] = number
    try expectRefusal(try Self.ferry(rows: rows), "row 1", "position 5")
  }

  @Test(arguments: [1e-30, 1e-18, 1e17, 1e38])
  func `a length that pgvector cannot compare`(number: Double) throws {
    var rows = Ferry.rows(3)
    rows[1] = rows[1].map { $0 * number }
    let ferry = try Self.ferry(rows: rows)
    let dry = try ferry.run("--dry-run")
    #expect(dry.status == 1)
    #expect(dry.text.contains("vectors.pkl, row 1: the vector's length is"), "\(dry.text)")
    try expectRefusal(
      ferry, "row 1: the vector's length is", "divide the row's numbers by its length")
  }

  @Test func `zero, −0.0, subnormal`() throws {
    var rows = Ferry.rows(3)
    rows[0] = [Double](repeating: 0, count: 8)
    rows[1] = [-0.0, 1e-45, -1e-45, 1.17549435e-38, 1, 2, 3, 4]
    let ferry = try Self.ferry(rows: rows)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("1 zero vector"), "\(outcome.errorText)")
    let sent = rows.flatMap { $0 }.map { Float($0).bitPattern }
    var read: [UInt32] = []
    try ferry.database.connect().copyOut(
      """
      SELECT t.embedding FROM vector_documents t
      JOIN vector_ferry.documents d ON d.document_id = t.id
      WHERE t.user_id = 'ann' ORDER BY d.position
      """
    ) { row in
      var vector: [Float] = []
      _ = try row.required().appendVector(to: &vector)
      read += vector.map(\.bitPattern)
    }
    #expect(read == sent)
  }

  @Test func `mixed dimensions, 0, > 16000`() throws {
    var rows = Ferry.rows(3)
    rows[2].removeLast()
    try expectRefusal(try Self.ferry(rows: rows), "row 2")
    rows = Ferry.rows(3)
    rows[1] = []
    try expectRefusal(try Self.ferry(rows: rows), "row 1")
    rows = [[Double](repeating: 0.5, count: 16_001)]
    try expectRefusal(try Self.ferry(rows: rows, json: Self.entries(1)), "16")
  }

  @Test func `duplicate source ids`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(3), texts: Ferry.texts(3), ids: ["same", "same", "other"],
      extra: ["timestamp": "2024-05-01T10:00:00"])
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts() == ["ann/notes": 3])
    let versions = try ferry.rowVersions()
    #expect(try ferry.run().text.contains("Unchanged: 1"))
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `re-run after the source grew, shrank, changed`() throws {
    let ferry = try Self.ferry()
    #expect(try ferry.run().status == 0)
    let others: String? = try ferry.scalar(
      "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM vector_documents WHERE user_id = 'bob'")
    for count in [5, 2, 3] {
      try ferry.writeStore(
        rows: Ferry.rows(count, seed: UInt64(count)), texts: Ferry.texts(count),
        extra: ["timestamp": "2024-05-01T10:00:00"])
      #expect(try ferry.run().status == 0)
      let fresh = try Ferry()
      try fresh.writeStore(
        rows: Ferry.rows(count, seed: UInt64(count)), texts: Ferry.texts(count),
        extra: ["timestamp": "2024-05-01T10:00:00"])
      #expect(try fresh.run().status == 0)
      let digest: SQL = """
        SELECT md5(string_agg(concat_ws('|', id, text, metadata, embedding), ',' ORDER BY id))
        FROM vector_documents WHERE user_id = 'ann'
        """
      #expect(try ferry.scalar(digest, as: String.self) == fresh.scalar(digest, as: String.self))
      #expect(
        try ferry.scalar(
          """
          SELECT count(*) FROM vector_ferry.documents d
          WHERE NOT EXISTS (SELECT FROM vector_documents t WHERE t.id = d.document_id)
          """, as: Int.self) == 0)
    }
    #expect(
      try ferry.scalar(
        "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM vector_documents WHERE user_id = 'bob'"
      ) == others)
  }

  @Test func `U+0000, lone surrogates in JSON`() throws {
    let json = #"[{"text":"a\u0000b"},{"text":"c\ud800","k":"\udfff"},{"text":"plain"}]"#
    let ferry = try Self.ferry(json: json)
    try expectRefusal(ferry, "entry 0", "--escape-nul")
    let outcome = try ferry.run("--escape-nul")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("2 with U+0000 or half a surrogate pair"))
    let texts: String? = try ferry.scalar(
      "SELECT string_agg(text, ',' ORDER BY text) FROM vector_documents WHERE user_id = 'ann'")
    #expect(texts == #"a\u0000b,c\ud800,plain"#)
    #expect(
      try ferry.scalar(
        "SELECT metadata->>'k' FROM vector_documents WHERE text LIKE 'c%'", as: String.self)
        == #"\udfff"#)
  }

  @Test(arguments: [
    "[{\"text\":\"\u{1}\"}]", #"[{"text":"a","n":NaN},{"text":"b"},{"text":"c"}]"#,
    #"[{"text":"a","n":1e999},{"text":"b"},{"text":"c"}]"#,
  ])
  func `invalid UTF-8, JSON NaN, 1e999`(json: String) throws {
    try expectRefusal(try Self.ferry(json: json), "metadata.json", "entry 0")
    let ferry = try Self.ferry()
    try ferry.folder.write(
      Array(#"[{"text":""#.utf8) + [0xC3, 0x28] + Array(#""}]"#.utf8),
      to: "user_data/ann/vector_store_notes/metadata.json")
    try expectRefusal(ferry, "metadata.json", "entry 0")
  }

  @Test func `huge integers, duplicate keys, −0`() throws {
    let digits = String(repeating: "9876543210", count: 8)
    let ferry = try Self.ferry(json: Self.entries(3, #","big":\#(digits),"zero":-0"#))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("-0"), "\(outcome.errorText)")
    #expect(
      try ferry.scalar(
        "SELECT min(metadata->>'big') FROM vector_documents WHERE user_id = 'ann'",
        as: String.self) == digits)
    try expectRefusal(
      try Self.ferry(json: #"[{"text":"a","k":1,"k":2},{"text":"b"},{"text":"c"}]"#), "entry 0",
      "occurs twice")
  }

  @Test func `1 GB field, 100,000 levels of nesting, long ids`() throws {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    try expectRefusal(
      try Self.ferry(json: #"[{"text":"a","d":\#(deep)},{"text":"b"},{"text":"c"}]"#), "entry 0")
    // The store's name is too long for the key of an index.
    let ferry = try Self.ferry()
    let name = String(repeating: "n", count: 240)
    try ferry.writeStore(user: name, rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", name).status == 0)
    if Oracle.isFullRun {
      let long = try Self.ferry()
      let path = long.folder.file("user_data/ann/vector_store_notes/metadata.json")
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: 0)
      file.write(Data(#"[{"text":""#.utf8))
      let block = Data(repeating: UInt8(ascii: "x"), count: 1 << 24)
      for _ in 0..<64 { file.write(block) }
      file.write(Data(#""}]"#.utf8))
      try file.close()
      let outcome = try long.run("--user", "ann")
      #expect(outcome.status == 1)
      #expect(outcome.text.contains("268435455") || outcome.text.contains("268,435,455"))
    }
  }

  @Test func `symlink, FIFO, hard link that leaves the tree`() throws {
    let ferry = try Self.ferry()
    let store = ferry.folder.file("user_data/ann/vector_store_notes")
    let outside = ferry.folder.file("outside.pkl")
    try FileManager.default.moveItem(atPath: "\(store)/vectors.pkl", toPath: outside)
    try FileManager.default.createSymbolicLink(
      atPath: "\(store)/vectors.pkl", withDestinationPath: outside)
    try expectNotRead(ferry)
    try FileManager.default.removeItem(atPath: "\(store)/vectors.pkl")
    #expect(mkfifo("\(store)/vectors.pkl", 0o600) == 0)
    try expectNotRead(ferry)
  }

  /// Expects that ann's store is refused or not recognized as a store, and that none of its rows is
  /// written.
  private func expectNotRead(_ ferry: Ferry) throws {
    let outcome = try ferry.run()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Failed: ann/notes"), "\(outcome.text)")
    #expect(try ferry.counts() == ["bob/notes": 2])
  }

  @Test(.enabled(if: MountedDisk.isPossible, "mounting needs root"))
  func `database disk full (SQLSTATE 53100)`() throws {
    let ferry = try Ferry()
    let path = ferry.folder.file("tablespace")
    let disk = try MountedDisk(at: path, options: "size=24m")
    let data = "\(Oracle.repository)/.vector-ferry/tests/postgres"
    let owner = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountName]
    _ = try TestSupport.run("/bin/chown", ["\(owner ?? "root")", path])
    // The server's account needs access to the folder.
    _ = try TestSupport.run("/bin/chmod", ["755", ferry.folder.path])
    let name = "full_\(ferry.database.name)"
    let session = try TestServer.connect()
    try session.execute(script: SQL(script: "CREATE TABLESPACE \(name) LOCATION '\(path)'"))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
      _ = try? session.execute(script: SQL(script: "DROP TABLESPACE \(name)"))
      withExtendedLifetime(disk) {}
    }
    try session.execute(script: SQL(script: "CREATE DATABASE \(name) TABLESPACE \(name)"))
    let url = try ferry.database.url.replacingOccurrences(of: ferry.database.name, with: name)
    // Random text cannot be compressed: 400 documents of 60 kB take 24 MB.
    var generator = SeededGenerator(seed: 53_100)
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/".utf8)
    let texts = (0..<400).map { _ in
      String(
        decoding: (0..<7500).flatMap { _ -> [UInt8] in
          let bits = generator.next()
          return (0..<8).map { letters[Int(bits >> (UInt64($0) * 8) & 63)] }
        }, as: UTF8.self)
    }
    try ferry.writeStore(rows: Ferry.rows(400), texts: texts)
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(2), texts: Ferry.texts(2))
    // A session that is opened on a full disk may have to write a file of the server.
    let watcher = try Connection.open(
      ConnectionTarget(source: "test", url: url), settings: .untouched)
    let outcome = try ferry.run(environment: ["DATABASE_URL": url])
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Failed: ann/notes") && outcome.text.contains("53100"))
    #expect(outcome.text.contains("disk is full"))
    let visible: Int? = try watcher.scalar(
      "SELECT count(*) FROM vector_documents WHERE user_id = 'ann'")
    #expect(visible == 0)
    _ = try TestSupport.run("/bin/mount", ["-o", "remount,size=200m", path])
    let again = try ferry.run("--failed", environment: ["DATABASE_URL": url])
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    FaultLog.note("database disk full (SQLSTATE 53100)", 1, "tablespace of 24 MB filled up")
  }
}
