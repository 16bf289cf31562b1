import Foundation
import Postgres
import TestSupport
import Testing

/// Runs the commands of docs/SEARCH.md, as the page shows them, on the sample stores.
@Suite(.needsServer)
struct SearchDocumentationTests {
  private let page: DocumentationPage

  init() throws { page = try DocumentationPage("SEARCH.md") }

  private func samples() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.addSamples("willow")
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return ferry
  }

  @Test(.enabled(if: EmbeddingService.isAvailable, "no Python to run the service"))
  func `the commands of the shell find something`() throws {
    let ferry = try samples()
    let service = try EmbeddingService()
    let environment = service.asOpenAI().merging(["EMBEDDING_DIMENSIONS": "3072"]) { $1 }
    try FileManager.default.createSymbolicLink(
      atPath: ferry.folder.file("Scripts"), withDestinationPath: "\(Oracle.repository)/Scripts")
    let commands = try page.commands(under: "From the shell")
    #expect(commands.count == 7)
    for command in commands {
      let script = "vector-ferry() { '\(Ferry.binary)' \"$@\"; }\n" + command
      let outcome = try TestSupport.run(
        "/bin/bash", ["-c", script],
        environment: Ferry.clean(ferry.database.url, environment), directory: ferry.folder.path)
      #expect(outcome.status == 0, "\(command): \(outcome.errorText)")
      let isSilent = command.contains(" > ")
      #expect(isSilent || outcome.text.contains("SIMILARITY  "), "\(command): \(outcome.text)")
    }
    #expect(try service.questions.count == 2)
  }

  @Test func `the SQL answers`() throws {
    let ferry = try samples()
    let session = try ferry.database.connect()
    for block in try page.blocks("sql") {
      try session.execute(script: SQL(script: block))
    }
    let rows = try session.query(
      """
      SELECT source, h.text FROM vector_documents d, vector_ferry.hybrid_search(
        d.user_id, d.collection_name, 'tide table', d.embedding, 3) h
      WHERE d.text LIKE 'Sailing:%'
      """)
    #expect(try rows.value(0, 0) == "hybrid")
    #expect(try rows.value(0, 1, as: String.self).hasPrefix("Tide table"))
  }

  @Test(.needsPython)
  func `the Python functions search and add`() throws {
    let ferry = try samples()
    let script =
      try page.blocks("python").joined(separator: "\n") + """

        import sys
        with psycopg.connect(sys.argv[1]) as c:
            probe = c.execute(
                "SELECT embedding::real[], text FROM vector_documents WHERE text LIKE 'Sailing:%'"
            ).fetchone()
            found = search(c, "willow", "legacy-notes", probe[0], 3)
            assert len(found) == 3 and found[0][1] == probe[1] and found[0][3] > 0.999, found
            both = hybrid(c, "willow", "legacy-notes", "tide table", probe[0])
            assert both[0][1].startswith("Tide table") and both[0][3] == "hybrid", both
            id = add(c, "willow", "legacy-notes", "new", probe[0])
            assert id in [row[0] for row in search(c, "willow", "legacy-notes", probe[0], 2)]
        print("done")
        """
    #expect(try Oracle.run(script, [try ferry.database.url]).text == "done\n")
  }
}
