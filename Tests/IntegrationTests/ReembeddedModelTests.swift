import Foundation
import Postgres
import TestSupport
import Testing

/// Tests which model the vectors of a column are from after its texts were embedded again, and that
/// commands say so.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct ReembeddedModelTests {
  private let service: EmbeddingService

  init() throws { service = try EmbeddingService() }

  private func vector(_ text: String) throws -> VectorValue {
    VectorValue(try NewModel(service.asOpenAI()).vector(text))
  }

  private static let old = VectorValue(DimensionClients.vector(0, 96))

  /// Returns the text and the similarity of the nearest document.
  private func nearest(_ ferry: Ferry, _ vector: VectorValue) throws -> (String, Double) {
    let rows = try ferry.database.connect().query(
      "SELECT text, similarity FROM vector_ferry.similarity_search('ann', 'notes', \(vector)::vector, 1)"
    )
    return (try rows.value(0, 0), try rows.value(0, 1))
  }

  private func expectRefused(_ ferry: Ferry, _ statement: SQL) throws {
    let error = #expect(throws: PostgresError.self) {
      try ferry.database.connect().query(statement)
    }
    #expect(error?.serverError?.sqlState == "22000", "\(statement.text)")
    #expect(
      error?.serverError?.message.contains("are of the model test-words (openai), which makes 32")
        == true, "\(String(describing: error))")
  }

  @Test func `every function names the model to whoever brings a vector of the old one`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let (text, _) = try nearest(ferry, Self.old)
    #expect(text == "document 0")
    #expect(try ferry.reembed(service).status == 0)
    let statements: [SQL] = [
      "SELECT * FROM vector_ferry.similarity_search('ann', 'notes', \(Self.old)::vector, 5)",
      "SELECT * FROM vector_ferry.hybrid_search('ann', 'notes', 'document', \(Self.old)::vector, 5)",
      "SELECT vector_ferry.reduce_query('ann', 'notes', \(Self.old)::vector)",
      "SELECT vector_ferry.reduce_document('ann', 'notes', \(Self.old)::vector)",
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'a text', \(Self.old)::vector)",
      "SELECT vector_ferry.to_column('public.vector_documents', \(Self.old)::vector, true)",
      "SELECT vector_ferry.change_vector(1, \(Self.old)::vector, true)",
    ]
    for statement in statements { try expectRefused(ferry, statement) }
    let new = try vector("document 7")
    #expect(try nearest(ferry, new) == ("document 7", 1))
    let added = try vector("quite another text")
    try ferry.database.connect().query(
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'quite another text', \(added)::vector)")
    #expect(try nearest(ferry, added).0 == "quite another text")
    try ferry.expectPaired()

    let search = ["search", "--user", "ann", "--collection", "notes", "document 7"]
    for (more, status, words) in [
      ([], 0, "document 7"),
      (["--model", "elder"], 3, "are of the model test-words, not of elder"),
    ] as [([String], Int32, String)] {
      let outcome = try TestSupport.run(
        Ferry.binary, search + more,
        environment: Ferry.clean(ferry.database.url, service.asOpenAI()),
        directory: ferry.folder.path)
      #expect(outcome.status == status, "\(outcome.errorText)")
      #expect((outcome.text + outcome.errorText).contains(words), "\(outcome.errorText)")
    }

    // After undo, the old vectors are in use again and new vectors are refused.
    let lost = try ferry.run("dimensions", "undo", "--yes")
    #expect(lost.status == 3 && lost.errorText.contains("1 rows were written since the swap"))
    try ferry.database.connect().query(
      "DELETE FROM vector_documents WHERE text = 'quite another text'")
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
    #expect(try nearest(ferry, Self.old).0 == "document 0")
    #expect(throws: PostgresError.self) { try nearest(ferry, new) }
  }

  @Test func `changes that follow are of the new model's vectors, and those before it are over`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    #expect(
      try ferry.run("dimensions", "change", "--to", "64", "--accept-few-rows").status == 0)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    // The change from 96 to 64 is a projection, and that from 64 to 32 embeds again: a vector of 64
    // dimensions cannot be converted to 32.
    #expect(try ferry.reembed(service).status == 0)
    for size in [96, 64] {
      try expectRefused(
        ferry,
        """
        SELECT vector_ferry.reduce_query('ann', 'notes',
          \(VectorValue(DimensionClients.vector(0, size)))::vector)
        """)
    }
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    // The column gets an earlier dimension again, so that old vectors could be confused with new
    // ones.
    let back = try ferry.run("dimensions", "change", "--to", "96")
    #expect(back.status == 3 && back.errorText.contains("of another embedding model"))
    // Vectors of the new model are extended, then shortened to what they were, and then projected.
    let new = try vector("document 7")
    #expect(try ferry.run("dimensions", "change", "--to", "40").status == 0)
    #expect(try nearest(ferry, new).0 == "document 7")
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    let narrowed = try ferry.run(
      "dimensions", "change", "--to", "24", "--accept-few-rows", "--min-recall", "0")
    #expect(narrowed.status == 0, "\(narrowed.errorText)")
    #expect(try nearest(ferry, new).0 == "document 7")
    try expectRefused(
      ferry, "SELECT vector_ferry.reduce_query('ann', 'notes', \(Self.old)::vector)")
    // The texts are embedded again at the column's first dimension, which the command says.
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    let again = try ferry.reembed(service, ["--embedding-dimensions", "96"])
    #expect(again.status == 0, "\(again.errorText)")
    #expect(again.errorText.contains("the column had 96 dimensions before"))
    let wide = try NewModel(service.asOpenAI().merging(["EMBEDDING_DIMENSIONS": "96"]) { $1 })
    let (text, likeness) = try nearest(ferry, VectorValue(try wide.vector("document 7")))
    #expect(text == "document 7" && likeness > 0.9999)
  }

  @Test func `a store's own model is no way into vectors of another one, and its files are none`()
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(6, dimensions: 64), texts: Ferry.texts(6))
    #expect(try ferry.run("migrate", "--dimensions", "32").status == 0)
    let environment = service.asOpenAI().merging(["EMBEDDING_DIMENSIONS": "64"]) { $1 }
    let model = try NewModel(environment)
    let text = Ferry.texts(6)[3]
    let changed = try ferry.run("dimensions", "change", "--reembed", environment: environment)
    #expect(changed.status == 0, "\(changed.errorText)")
    #expect(changed.errorText.contains("1 store of this table were migrated"))
    // The vector has 64 dimensions like the store's files, but must not be reduced by the store's
    // model.
    let new = VectorValue(try model.vector(text))
    #expect(try nearest(ferry, new).0 == text)
    #expect(try nearest(ferry, new).1 > 0.9999)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    let narrowed = try ferry.run(
      "dimensions", "change", "--to", "32", "--reduce", "truncate", "--min-recall", "0")
    #expect(narrowed.status == 3 && narrowed.errorText.contains("of another embedding model"))
    let other = try ferry.run(
      "dimensions", "change", "--to", "48", "--accept-few-rows", "--min-recall", "0")
    #expect(other.status == 0, "\(other.errorText)")
    #expect(try nearest(ferry, new).0 == text)
    #expect(try nearest(ferry, new).1 > 0.999)

    for words in [["migrate", "--force"], ["migrate"], ["migrate", "--dry-run"]] {
      let outcome = try TestSupport.run(
        Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
      #expect(outcome.status == 1, "\(words): \(outcome.text)")
      #expect(
        (outcome.text + outcome.errorText).contains("are of the model test-words (openai) since"),
        "\(outcome.text)\(outcome.errorText)")
    }
    let refit = try ferry.run("projection", "refit", "ann/notes")
    #expect(refit.status != 0 && refit.errorText.contains("are of the model test-words"))
    #expect(try ferry.run("verify").status == 4)
    #expect(try nearest(ferry, new).0 == text)
  }

  @Test func `a record of an earlier program is brought up, and goes on`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let run = try ferry.startChange(to: 64, pausedAt: "change-filled")
    run.signal(SIGKILL)
    _ = try run.finish()
    try ferry.database.connect().execute(
      script: """
        ALTER TABLE vector_ferry.dimension_changes DROP COLUMN method, DROP COLUMN provider,
          DROP COLUMN model, DROP COLUMN model_version, DROP COLUMN text_column;
        DROP FUNCTION vector_ferry.reembedding_of(text);
        \(SQL(script: Ferry.versionSeven))
        """)
    let status = try ferry.run("dimensions", "status", "--json")
    #expect(status.status == 0 && status.errorText == "", "\(status.errorText)")
    let changes = try #require(try Ferry.json(status)["changes"] as? [[String: Any]])
    #expect(changes.map { $0["method"] as? String } == ["projection"])
    #expect(
      try ferry.scalar("SELECT method FROM vector_ferry.dimension_changes") == "projection")
    #expect(try ferry.run("dimensions", "change").status == 0)
  }
}
