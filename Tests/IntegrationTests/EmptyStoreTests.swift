import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that stores without documents are migrated where there is a table, are reported as empty
/// where there is none, and never make a run fail.
@Suite(.needsServer)
struct EmptyStoreTests {
  private func empty(_ user: String, in ferry: Ferry) throws {
    try ferry.writeStore(user: user, rows: [], texts: [])
  }

  private func document(_ outcome: ProcessOutcome) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  private func stores(_ outcome: ProcessOutcome) throws -> [[String: Any]] {
    try #require(try document(outcome)["stores"] as? [[String: Any]])
  }

  @Test func `a fleet of empty stores alone makes no table, and every command says so`() throws {
    let ferry = try Ferry()
    for user in ["ann", "bob"] { try empty(user, in: ferry) }
    let dry = try ferry.run("--dry-run")
    #expect(dry.status == 0, "\(dry.text)\(dry.errorText)")
    #expect(dry.text.contains("not to be created: no store has documents"), "\(dry.text)")
    #expect(dry.text.contains("Empty: nothing to migrate"), "\(dry.text)")
    let dryJSON = try ferry.run("--dry-run", "--json")
    #expect(try stores(dryJSON).map { $0["outcome"] as? String } == ["empty", "empty"])
    let live = try ferry.run()
    #expect(live.status == 0, "\(live.text)\(live.errorText)")
    #expect(live.text.contains("ann/notes: it holds no documents"), "\(live.text)")
    #expect(live.text.contains("Empty: 2") && live.text.contains("No table was created"))
    #expect(try ferry.scalar("SELECT to_regclass('vector_documents') IS NULL") == true)
    let json = try ferry.run("--json")
    #expect(json.status == 0)
    let shown = try document(json)
    #expect((shown["table"] as? [String: Any])?["dimensions"] is NSNull)
    #expect((shown["table"] as? [String: Any])?["created"] as? Bool == false)
    #expect((shown["summary"] as? [String: Any])?["empty"] as? Int == 2)
    #expect(try stores(json).map { $0["action"] as? String } == ["empty", "empty"])
    let status = try ferry.run("status")
    #expect(status.status == 0, "\(status.text)")
    #expect(status.text.components(separatedBy: "empty").count == 4, "\(status.text)")
    #expect(status.text.contains("2 stores: 2 empty"), "\(status.text)")
    #expect(
      try stores(try ferry.run("status", "--json")).map { $0["outcome"] as? String }
        == ["empty", "empty"])
    let history = try ferry.run("history", "--json")
    #expect(history.text.contains("\"empty\": 2"), "\(history.text)")
    let failed = try ferry.run("--failed")
    #expect(failed.status == 3 && failed.errorText.contains("no store is recorded"))
    let verify = try ferry.run("verify")
    #expect(verify.status == 3)
    #expect(
      verify.errorText.contains("no store in user_data holds a document"), "\(verify.errorText)")
  }

  @Test func `with a width that is named, or another store's, empty stores are carried over`()
    throws
  {
    for isMixed in [false, true] {
      let ferry = try Ferry()
      for user in ["ann", "cid"] { try empty(user, in: ferry) }
      if isMixed {
        try ferry.writeStore(user: "bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
      }
      let arguments = isMixed ? [] : ["--dimensions", "8"]
      let dry = try ferry.run(command: arguments + ["--dry-run"])
      #expect(dry.status == 0 && dry.text.contains("Inserts 0 documents"), "\(dry.text)")
      #expect(dry.text.contains("it holds no documents"), "\(dry.text)")
      let live = try ferry.run(command: arguments + ["--json"])
      #expect(live.status == 0, "\(live.text)\(live.errorText)")
      let empties = try stores(live).filter { $0["documents"] as? Int == 0 }
      #expect(empties.map { $0["outcome"] as? String } == ["migrated", "migrated"])
      #expect(empties.allSatisfy { ($0["findings"] as? [String]) == ["it holds no documents"] })
      let listed: Int? = try ferry.scalar(
        "SELECT count(*) FROM vector_ferry.stores WHERE documents = 0 AND state = 'migrated'")
      #expect(listed == 2)
      let again = try ferry.run()
      #expect(again.text.contains("Unchanged: \(isMixed ? 3 : 2)"), "\(again.text)")
      #expect(try ferry.run("verify").status == 0)
      #expect(try ferry.run("status").status == 0)
      // The store gets its first documents later, and they are migrated as in any other store.
      try ferry.writeStore(user: "ann", rows: Ferry.rows(3, seed: 7), texts: Ferry.texts(3))
      #expect(try ferry.run().status == 0)
      #expect(try ferry.counts()["ann/notes"] == 3)
      #expect(try ferry.run("verify").status == 0)
    }
  }

  @Test func `a fleet that was empty fills up, and status has it by the ledger`() throws {
    let ferry = try Ferry()
    for user in ["ann", "bob"] { try empty(user, in: ferry) }
    #expect(try ferry.run().status == 0)
    try ferry.writeStore(user: "ann", rows: Ferry.rows(3), texts: Ferry.texts(3))
    let live = try ferry.run()
    #expect(live.status == 0, "\(live.text)\(live.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 3])
    let outcomes = try stores(try ferry.run("status", "--json")).map { $0["outcome"] as? String }
    #expect(outcomes == ["succeeded", "succeeded"])
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `a store that becomes empty goes only after that was said, and comes back`() throws {
    let ferry = try Ferry()
    let dated = ["timestamp": "2024-05-01T10:00:00"]
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7), extra: dated)
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(2, seed: 3), texts: Ferry.texts(2), extra: dated)
    #expect(try ferry.run().status == 0)
    let digest = try ferry.contentDigest()
    try empty("ann", in: ferry)
    let said =
      "the store's files hold no documents any more: all 7 that an earlier run wrote will be deleted"
    let dry = try ferry.run("--dry-run")
    #expect(dry.status == 0 && dry.text.contains(said), "\(dry.text)")
    #expect(try ferry.contentDigest() == digest)
    let live = try ferry.run("--json")
    #expect(live.status == 0 && live.errorText.contains("warning: ann/notes: \(said)"))
    let ann = try #require(try stores(live).first)
    #expect((ann["findings"] as? [String])?.contains { $0.contains(said) } == true)
    #expect(ann["action"] as? String == "replace")
    #expect(try ferry.counts() == ["bob/notes": 2])
    #expect(try ferry.run("verify").status == 0)
    #expect(try ferry.run("status").status == 0)
    let back = try ferry.run("rollback", "--restore", "--files", "--yes")
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try ferry.contentDigest() == digest)
  }
}
