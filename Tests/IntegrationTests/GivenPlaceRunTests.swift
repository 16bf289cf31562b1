import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Runs over stores that --from names", .needsServer)
struct GivenPlaceRunTests {
  /// Writes a folder of LlamaIndex with two namespaces, and a file of JSON lines, outside of the
  /// user data directory.
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.folder.write(vectors("a", "b"), to: "else/library/default__vector_store.json")
    try ferry.folder.write(vectors("c"), to: "else/library/second__vector_store.json")
    try ferry.folder.write(vectors(), to: "else/library/image__vector_store.json")
    let nodes = ["a", "b", "c", "deleted"].map { id in
      #""\#(id)": {"__data__": {"id_": "\#(id)", "metadata": {"of": "\#(id)"}, "#
        + #""text": "text \#(id)"}, "__type__": "1"}"#
    }
    try ferry.folder.write(
      #"{"docstore/metadata": {}, "docstore/data": {\#(nodes.joined(separator: ", "))}}"#,
      to: "else/library/docstore.json")
    try ferry.folder.write(
      #"{"id": 7, "text": "a line", "vector": [1, 0.5, -0.25], "metadata": {"k": [1]}}"#,
      to: "else/rows.jsonl")
    return ferry
  }

  private func vectors(_ ids: String...) -> String {
    let members = ids.enumerated().map { #""\#($1)": [0.5, \#($0), 1]"# }
    return #"{"embedding_dict": {\#(members.joined(separator: ", "))}, "#
      + #""text_id_to_ref_doc_id": {}, "metadata_dict": {}}"#
  }

  @Test("stores are migrated, verified, left unchanged by a second run, and rolled back with files")
  func life() throws {
    let ferry = try ferry()
    let from = ["--from", "else/library", "--user", "ann"]
    let live = try ferry.run(command: ["migrate"] + from)
    #expect(live.status == 0, "\(live.text)\(live.errorText)")
    #expect(live.text.contains("From: else/library, stores of the user ann"))
    #expect(try ferry.counts() == ["ann/library": 2, "ann/library/second": 1])
    let row: String? = try ferry.scalar(
      """
      SELECT text || metadata::text || embedding::text FROM vector_documents WHERE text = 'text b'
      """)
    #expect(row == #"text b{"of": "b"}[0.5,1,1]"#)
    let again = try ferry.run(command: ["migrate", "--json"] + from)
    #expect(again.status == 0 && again.text.contains(#""unchanged""#), "\(again.text)")
    #expect(again.text.contains(#""from": "else/library""#))
    #expect(try ferry.run(command: ["verify"] + from).status == 0)
    // Without --from, the copies are compared.
    #expect(try ferry.run("verify").status == 0)

    let file = ferry.folder.file("else/library/second__vector_store.json")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    try FileManager.default.removeItem(atPath: file)
    let unknown = try ferry.run("rollback", "--files", "--yes")
    #expect(unknown.status != 0)
    let words = unknown.text + unknown.errorText
    #expect(words.contains("give the path that the run had with --from"), "\(words)")
    #expect(!FileManager.default.fileExists(atPath: file))
    let back = try ferry.run(command: ["rollback", "--files", "--yes"] + from)
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
    #expect(try ferry.counts() == [:])
  }

  @Test("a backup of such stores is restored below the user's folder, and is found there")
  func restored() throws {
    let ferry = try ferry()
    for (path, collection) in [("else/library", nil), ("else/rows.jsonl", "lines")] {
      let name = collection.map { ["--collection", $0] } ?? []
      let outcome = try ferry.run(command: ["--from", path, "--user", "ann"] + name)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
    #expect(try ferry.counts()["ann/lines"] == 1)
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup")
    ).filter { $0.hasPrefix("20") }.sorted()
    #expect(runs.count == 2)
    for run in runs {
      #expect(try ferry.run("backups", "verify", run).status == 0)
      let outcome = try ferry.run("backups", "restore", run, "--to", "restored")
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
    let scan = try ferry.run("scan", "--user-data-dir", "restored", "--json")
    for words in ["library", "library/second", "rows"] {
      #expect(scan.text.contains(#""collection": "\#(words)""#), "\(scan.text)")
    }
  }

  @Test("a store of the same name at another place does not replace the first one unasked")
  func otherPlace() throws {
    let ferry = try ferry()
    let line = #"{"id": 8, "text": "another", "vector": [0, 1, 0]}"#
    try ferry.folder.write(line, to: "other/rows.jsonl")
    let first = ["migrate", "--from", "else/rows.jsonl", "--user", "ann"]
    let second = ["migrate", "--from", "other/rows.jsonl", "--user", "ann"]
    #expect(try ferry.run(command: first).status == 0)
    for more in [["--dry-run"], []] {
      let refused = try ferry.run(command: second + more)
      #expect(refused.status == 1, "\(refused.text)")
      #expect(refused.text.contains("was migrated from else/rows.jsonl"), "\(refused.text)")
      #expect(refused.text.contains("--collection"))
    }
    #expect(try ferry.scalar("SELECT text FROM vector_documents") == "a line")
    #expect(try ferry.run(command: second + ["--collection", "others"]).status == 0)
    #expect(try ferry.counts() == ["ann/others": 1, "ann/rows": 1])
    // The same place may be written in another way, and its files may have changed.
    try ferry.folder.write(line, to: "else/rows.jsonl")
    let whole = ferry.folder.file("else/rows.jsonl")
    #expect(try ferry.run(command: ["migrate", "--from", whole, "--user", "ann"]).status == 0)
    #expect(try ferry.run(command: second + ["--force"]).status == 0)
  }

  @Test("a file with the ending of a store is named where it is a link")
  func link() throws {
    let ferry = try ferry()
    try FileManager.default.createSymbolicLink(
      atPath: ferry.folder.file("else/linked.csv"), withDestinationPath: "rows.jsonl")
    let outcome = try ferry.run("migrate", "--from", "else", "--user", "ann")
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(outcome.text.contains("is a symbolic link, which is not followed"), "\(outcome.text)")
    #expect(try ferry.counts().count == 3)
  }

  @Test("scan says what a path has, and migrate's arguments are checked")
  func arguments() throws {
    let ferry = try ferry()
    let scan = try ferry.run("scan", "else")
    #expect(scan.status == 0, "\(scan.text)\(scan.errorText)")
    for words in ["llamaindex", "library/second", "jsonl", "3 stores in else"] {
      #expect(scan.text.contains(words), "\(scan.text)")
    }
    for (arguments, message) in [
      (["--from", "else"], "--user"), (["--format", "jsonl"], "--from"),
      (["--from", "else", "--user", "a*"], "not a pattern"),
      (["--from", "else", "--user", "a", "--user", "b"], "not a pattern"),
      (["--from", "else", "--user", "a", "--format", "none"], "llamaindex"),
    ] {
      let outcome = try ferry.run(command: ["migrate"] + arguments)
      #expect(outcome.status == 2 && outcome.errorText.contains(message), "\(outcome.errorText)")
    }
    let outcome = try ferry.run("migrate", "--from", "nowhere", "--user", "ann")
    #expect(outcome.status == 3 && outcome.errorText.contains("check the path after --from"))
  }

  @Test("vectors of which only the direction is known are named in plan, report and JSON")
  func unitVectors() throws {
    let ferry = try Ferry()
    try ferry.folder.write(
      #"{"embedding_dim": 2, "data": [{"__id__": "a", "content": "t", "__created_at__": 1700000000}], "#
        + #""matrix": "zcxMP5qZGT8="}"#, to: "user_data/ann/nano.json")
    let plan = try ferry.run("migrate", "--dry-run")
    #expect(plan.text.contains("1 vector of length 1"), "\(plan.text)")
    let live = try ferry.run("migrate", "--json")
    #expect(live.status == 0 && live.text.contains("1 vector of length 1"), "\(live.text)")
    let row: String? = try ferry.scalar(
      "SELECT embedding::text || extract(epoch FROM created_at)::bigint FROM vector_documents")
    #expect(row == "[0.8,0.6]1700000000")
  }
}
