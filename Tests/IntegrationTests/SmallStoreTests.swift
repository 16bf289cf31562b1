import Foundation
import TestSupport
import Testing

/// Tests many small stores in one run.
@Suite(.needsServer)
struct SmallStoreTests {
  private func fleet(_ count: Int) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number + 100)", rows: Ferry.rows(3, dimensions: 8, seed: UInt64(number)),
        texts: Ferry.texts(3))
    }
    return ferry
  }

  /// Migrates many small stores through a proxy; returns the number of exchanges with the server.
  private func exchanges(ofFleet count: Int, _ words: [String]) throws -> Int {
    let ferry = try fleet(count)
    let proxy = try MessageProxy()
    defer { proxy.close() }
    let outcome = try ferry.run(
      command: ["--jobs", "1", "--index", "none", "--min-recall", "0"] + words,
      environment: ["DATABASE_URL": try proxy.url(of: ferry.database)])
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts().count == count)
    return proxy.exchanges
  }

  @Test(
    "a small store costs few exchanges with the server",
    arguments: [
      // The cases are vectors of the table's dimension, a model for each store, and a shared model.
      (words: ["--dimensions", "8"], most: 15.0), (words: ["--dimensions", "4"], most: 19.0),
      (words: ["--dimensions", "4", "--projection", "shared"], most: 16.0),
    ])
  func exchanges(words: [String], most: Double) throws {
    let (few, many) = (4, 14)
    let each =
      Double(try exchanges(ofFleet: many, words) - exchanges(ofFleet: few, words))
      / Double(many - few)
    print("exchanges with the server for each small store, \(words): \(each)")
    #expect(each <= most)
  }

  @Test func `a run of many stores chooses how many it migrates at the same time`() throws {
    let ferry = try fleet(40)
    let expected = min(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let plan = try Ferry.json(try ferry.run("--dry-run", "--json"))
    #expect(plan["jobs"] as? Int == expected)
    #expect(
      try ferry.run("--dry-run").text.contains("Stores at the same time: 2 (--jobs)")
        == (expected == 2))
    let one = try Ferry.json(try ferry.run("--dry-run", "--json", "--jobs", "1"))
    #expect(one["jobs"] as? Int == 1)
    let outcome = try ferry.run("--json")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try Ferry.json(outcome)["jobs"] as? Int == expected)
    #expect(try ferry.counts().count == 40)
    // There is nothing to do, so no second connection is opened.
    #expect(try Ferry.json(try ferry.run("--json"))["jobs"] as? Int == 1)
  }

  @Test func `a word that is neither a number nor auto is refused`() throws {
    let ferry = try Ferry()
    for word in ["many", "0", "65", ""] {
      let outcome = try ferry.run("--jobs", word)
      #expect(outcome.status == 2, "\(word): \(outcome.text)")
      #expect(outcome.errorText.contains("--jobs"))
    }
  }
}
