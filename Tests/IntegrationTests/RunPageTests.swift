import Foundation
import Postgres
import SQLite
import TestSupport
import Testing

/// Tests the page of a run, which lies beside the backups, and `report`, which makes it again.
@Suite(.needsServer)
struct RunPageTests {
  private static let key = ["ENCRYPTION_MASTER_KEY": Ferry.sampleKey]

  /// Returns the paths of the pages beside the backups.
  private func pages(_ ferry: Ferry, in directory: String = "migration_backup") throws -> [String] {
    let folder = ferry.folder.file(directory)
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".html") }.map { "\(folder)/\($0)" }
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// Writes one store that can be migrated, and one whose counts differ.
  private func writeStores(_ ferry: Ferry) throws {
    try ferry.writeStore(rows: Ferry.rows(6), texts: Ferry.texts(6))
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(2))
  }

  @Test func `the page has what the run has found, and report makes the same page again`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, dimensions: 768), texts: Ferry.texts(2))
    let outcome = try ferry.run("--json", "--report", "run.md", environment: Self.key)
    #expect(outcome.status == 1, "\(outcome.errorText)")
    let json = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    #expect(json["page"] as? String == "run.md")
    let path = try #require(try pages(ferry).first)
    #expect(try pages(ferry).count == 1)
    let run = try #require(json["run"] as? String)
    #expect(path.hasSuffix("/run-\(run.prefix(8)).html"))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    let html = try text(path)
    let stores = try #require(json["stores"] as? [[String: Any]])
    for store in stores {
      let name = "\(store["user"] ?? "")/\(store["collection"] ?? "")"
      #expect(html.contains("<bdi>\(name)</bdi>"), "\(name)")
      guard let fidelity = store["fidelity"] as? [String: Any] else { continue }
      for reader in ["recall", "cut_recall", "added_recall"] {
        let recall = try #require(fidelity[reader] as? Double)
        // Half a thousandth is rounded away from zero.
        let words = String(format: "%.3f", (recall * 1000).rounded() / 1000)
        #expect(html.contains("<td>\(words)</td>"), "\(name) \(reader)")
      }
    }
    let failure = try #require(
      stores.compactMap { $0["failure"] as? [String: Any] }.first)
    for part in ["reason", "remedy"] {
      let words = try #require(failure[part] as? String)
      #expect(html.contains(words.replacingOccurrences(of: "'", with: "&#39;")), "\(words)")
    }
    for id in ["recall", "scores", "energy", "stages", "rate", "sizes"] {
      #expect(html.contains("<figure id=\"\(id)\">"), "\(id)")
    }
    #expect(html.contains("3,072 → 2,000") && html.contains("<dt>pgvector</dt>"))
    for part in ["Table in the database", "Indexes of the table", "Ledger, models and originals"] {
      let sizes = html.matches(of: /<th scope="row">([^<]+)<\/th><td>([^<]+)<\/td><td>([^<]+)</)
        .first { $0.1 == part }
      #expect(sizes?.2 == "0 B" && sizes?.3 != "0 B", "\(part)")
    }
    #expect(html.contains("1 store failed") && !html.contains(Ferry.sampleKey))

    try FileManager.default.removeItem(atPath: path)
    let again = try ferry.run("report", "latest")
    #expect(again.status == 0, "\(again.errorText)")
    #expect(again.text.contains("migration_backup/run-\(run.prefix(8)).html"))
    #expect(try text(path) == html)
    #expect(try ferry.run("report", String(run.prefix(6)), "--output", "again.md").status == 0)
    let markdown = try text(ferry.folder.file("run.md"))
    #expect(try text(ferry.folder.file("again.md")) == markdown)
    #expect(markdown.contains("| bob/notes | failed |"))
    // A page that is there is replaced only beside the backups.
    #expect(try ferry.run("report", "latest").status == 0)
    let refused = try ferry.run("report", "latest", "--output", "again.md")
    #expect(refused.status == 3 && refused.errorText.contains("exists"), "\(refused.errorText)")
  }

  @Test func `without the database the page says what it lacks`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("juniper")
    #expect(try ferry.run("--no-backup", environment: Self.key).status == 0)
    let page = try #require(try pages(ferry).first)
    #expect(try text(page).contains("<figure id=\"energy\">"))
    #expect(try text(page).contains("none were made"))
    let outcome = try ferry.run(
      "report", "latest", "--output", "page.html", "--database-url",
      "postgres://nobody:canary-pass@127.0.0.1:1/none")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let words = "The database was not read, so the energy by component is missing"
    #expect(outcome.errorText.contains(words))
    let lacking = try text(ferry.folder.file("page.html"))
    #expect(lacking.contains(words) && !lacking.contains("<figure id=\"energy\">"))
    #expect(lacking.contains("<figure id=\"recall\">") && !lacking.contains("canary-pass"))
  }

  @Test func `a dry run writes no page`() throws {
    let ferry = try Ferry()
    try writeStores(ferry)
    try ferry.run("--dry-run")
    #expect(try pages(ferry).isEmpty)
    let refused = try ferry.run("--dry-run", "--report", "page.html")
    #expect(refused.status == 2, "\(refused.errorText)")
    #expect(refused.errorText.contains("--report") && refused.errorText.contains("--dry-run"))
  }

  @Test(arguments: [
    ("page.txt", "the name ends in neither .html nor .md"), ("there.html", "the file exists"),
    ("absent/page.html", "No such file or directory"),
  ])
  func `a page that cannot be written is refused before the run`(path: String, reason: String)
    throws
  {
    let ferry = try Ferry()
    try writeStores(ferry)
    try ferry.folder.write([1], to: "there.html")
    let outcome = try ferry.run("--report", path)
    #expect(outcome.status == 3, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("cannot write the page of the run to \(path): \(reason)"))
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
    #expect(try contents(of: ferry.folder.path)["there.html"] == Data([1]))
  }

  @Test func `a run that was killed has a page when report makes it`() throws {
    let ferry = try Ferry()
    try writeStores(ferry)
    let run = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(run.waitForError("paused at copying"), "\(run.errors)")
    run.signal(SIGKILL)
    _ = try run.finish()
    #expect(try pages(ferry).isEmpty)
    #expect(try ferry.run("report", "latest").status == 0)
    let page = try text(#require(try pages(ferry).first))
    #expect(page.contains("The run ended without recording its end"))
    #expect(page.contains("Not finished: "))
  }

  @Test func `an interrupted run writes its page`() throws {
    let ferry = try Ferry()
    try writeStores(ferry)
    let run = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(run.waitForError("paused at copying"), "\(run.errors)")
    run.signal(SIGINT)
    #expect(try run.finish().status == 130)
    let page = try text(#require(try pages(ferry).first))
    #expect(page.contains("The run was interrupted"), "\(page.prefix(3000))")
  }

  @Test func `names that look like HTML stay text`() throws {
    let ferry = try Ferry()
    let name = "<script>alert(1)<!-- & \"x' onload="
    try ferry.writeStore(user: name, collection: "a'b", rows: Ferry.rows(4), texts: Ferry.texts(4))
    #expect(try ferry.run().status == 0)
    let page = try text(#require(try pages(ferry).first))
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(page.contains("&lt;script&gt;alert(1)&lt;!-- &amp; &quot;x&#39; onload=/a&#39;b"))
  }

  @Test(arguments: [
    ("nothing", "the journal has no run nothing"), ("latest", "no run is recorded"),
  ])
  func `a run that is not known is refused`(name: String, reason: String) throws {
    let ferry = try Ferry()
    let outcome = try ferry.run("report", name)
    #expect(outcome.status == 3, "\(outcome.errorText)")
    #expect(outcome.errorText.contains(reason), "\(outcome.errorText)")
    #expect(try pages(ferry).isEmpty)
  }

  @Test func `the run of an earlier version has a page without figures`() throws {
    let ferry = try Ferry()
    try writeStores(ferry)
    #expect(try ferry.run().status == 1)
    let path = ferry.folder.file("migration_backup/journal.sqlite")
    let journal = try Database(path: path, mode: .readWrite)
    for table in ["figures", "results"] { try journal.execute("DROP TABLE \(table)") }
    try journal.setUserVersion(2)
    #expect(try ferry.run("report", "latest").status == 0)
    let page = try text(#require(try pages(ferry).first))
    #expect(page.contains("No recall was measured") && page.contains("<bdi>bob/notes</bdi>"))
  }
}
