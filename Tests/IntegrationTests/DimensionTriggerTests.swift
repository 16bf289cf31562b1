import Foundation
import Postgres
import TestSupport
import Testing

/// Tests triggers that change a row after the trigger that fills the new column.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct DimensionTriggerTests {
  private let service: EmbeddingService

  init() throws { service = try EmbeddingService() }

  private func script(_ text: String, _ ferry: Ferry) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  /// A trigger that changes a text after all other triggers.
  private static let later = """
    CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.text := NEW.text || coalesce(' ' || (NEW.metadata ->> 'mark'), '');
      RETURN NEW;
    END $$;
    CREATE TRIGGER zzz_mark BEFORE UPDATE ON vector_documents
      FOR EACH ROW EXECUTE FUNCTION mark();
    """

  @Test func `a trigger that would fire later is named before anything is begun or asked`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(Self.later, ferry)
    let runs = [
      try ferry.run("dimensions", "change", "--to", "64"),
      try ferry.run("dimensions", "change", "--to", "64", "--dry-run"),
      try ferry.reembed(service, []), try ferry.reembed(service, ["--dry-run"]),
    ]
    for run in runs {
      #expect(run.status == 3 && run.errorText.contains("zzz_mark"), "\(run.errorText)")
    }
    #expect(try service.questions.isEmpty)
    #expect(
      try ferry.scalar("SELECT to_regclass('vector_ferry.dimension_changes') IS NULL") == true)
    // A trigger that is disabled, fires after the write or fires once for a statement does not
    // matter.
    try script(
      """
      ALTER TABLE vector_documents DISABLE TRIGGER zzz_mark;
      CREATE TRIGGER zzz_after AFTER UPDATE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION mark();
      CREATE TRIGGER zzz_once BEFORE UPDATE ON vector_documents
        FOR EACH STATEMENT EXECUTE FUNCTION mark();
      """, ferry)
    let outcome = try ferry.reembed(service, [])
    #expect(outcome.status == 0, "\(outcome.errorText)")
  }

  @Test func `one that comes during the change lets everything be filled anew once it is earlier`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    try script(
      Self.later + """
        UPDATE vector_documents SET metadata = '{"mark": "unseen"}' WHERE text = 'document 5';
        """, ferry)
    for refused in [try run.resume(), try ferry.reembed(service, [])] {
      #expect(refused.status == 3 && refused.errorText.contains("zzz_mark"), "\(refused.errorText)")
    }
    try script(
      """
      ALTER TRIGGER zzz_mark ON vector_documents RENAME TO mark;
      UPDATE vector_documents SET metadata = '{"mark": "seen"}' WHERE text = 'document 6';
      """, ferry)
    let outcome = try ferry.reembed(service, [])
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("every row is filled again"))
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_documents WHERE text ~ 'unseen|seen'") == 2)
    try ferry.expectPaired()
  }

  @Test func `one that comes after the swap stands against the way back`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    #expect(try ferry.reembed(service, []).status == 0)
    try script(Self.later, ferry)
    let refused = try ferry.run("dimensions", "undo", "--yes")
    #expect(refused.status == 3 && refused.errorText.contains("zzz_mark"), "\(refused.errorText)")
    try script("DROP TRIGGER zzz_mark ON vector_documents", ferry)
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
  }

  @Test func `the name of the texts that goes to another column lets all be filled anew`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script(
      """
      ALTER TABLE vector_documents ADD COLUMN other text;
      UPDATE vector_documents SET other = 'another ' || text;
      """, ferry)
    let run = try ferry.startReembedding(service, pausedAt: "change-filled")
    try script(
      """
      BEGIN;
      ALTER TABLE vector_documents RENAME COLUMN text TO older;
      ALTER TABLE vector_documents RENAME COLUMN other TO text;
      COMMIT;
      """, ferry)
    let outcome = try run.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("every row is filled again"))
    #expect(
      try ferry.scalar("SELECT bool_and(text LIKE 'another %') FROM vector_documents") == true)
    try ferry.expectPaired()
  }

  @Test(arguments: [false, true])
  func `what is followed cannot be written anew by another type during the change`(
    reembeds: Bool
  ) throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let run =
      try reembeds
      ? ferry.startReembedding(service, pausedAt: "change-filled")
      : ferry.startChange(to: 64, pausedAt: "change-filled")
    let rewriting =
      reembeds
      ? "text TYPE varchar USING 'new ' || text"
      : "embedding TYPE vector(96) USING l2_normalize(embedding)"
    let error = #expect(throws: PostgresError.self) {
      try script("ALTER TABLE vector_documents ALTER COLUMN \(rewriting)", ferry)
    }
    #expect(error?.serverError?.message.contains("used in a trigger definition") == true)
    let outcome = try run.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    try script(
      "ALTER TABLE vector_documents ALTER COLUMN \(rewriting.replacing("(96)", with: "(64)"))",
      ferry)
  }
}
