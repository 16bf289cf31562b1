import Foundation
import Postgres
import TestSupport
import Testing

extension Ferry {
  /// The statements that undo the versions of the program's schema after the seventh, except
  /// functions.
  static let versionSeven = """
    DELETE FROM vector_ferry.version WHERE number > 7;
    ALTER TABLE vector_ferry.version DROP COLUMN functions;
    ALTER TABLE vector_ferry.stores DROP COLUMN cut_recall, DROP COLUMN added_recall,
      DROP COLUMN doubled_recall, DROP COLUMN reranked_recall;
    ALTER TABLE vector_ferry.projections DROP COLUMN aligned_dimensions, DROP COLUMN energies,
      DROP COLUMN images, DROP COLUMN piece_size;
    ALTER TABLE vector_ferry.projection_components DROP COLUMN piece,
      ADD COLUMN energy float8 NOT NULL DEFAULT 0, ADD PRIMARY KEY (projection_id, number);
    """

  /// Creates the application's table with documents; returns the id of the first document.
  @discardableResult
  func fillTable(rows: Int, dimensions: Int) throws -> String {
    let connection = try database.connect()
    try connection.query("CREATE EXTENSION vector")
    try connection.execute(
      script: SQL(
        script: """
          CREATE TABLE vector_documents (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
            collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant',
            text text NOT NULL, embedding vector(\(dimensions)) NOT NULL,
            metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(),
            updated_at timestamptz DEFAULT now())
          """))
    let probe = VectorValue(DimensionClients.vector(0, dimensions))
    let first: String? = try connection.scalar(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      VALUES ('ann', 'notes', 'document 0', \(probe)::vector) RETURNING id::text
      """)
    // The server makes the numbers: sending so many would take longer than the rest of the test.
    try connection.execute(
      script: SQL(
        script: """
          SELECT setseed(0.5);
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          SELECT 'ann', 'notes', 'document ' || i, (
            SELECT array_agg(((random() - 0.5) * CASE WHEN j <= \(dimensions / 2) THEN 2 ELSE 0.01 END)::real)
            FROM generate_series(1, \(dimensions)) j WHERE i = i)::vector
          FROM generate_series(1, \(rows - 1)) i
          """))
    // The table has the trigger that sets updated_at, which must not fire while the new column is
    // filled.
    let outcome = try run("schema", "up", "--yes")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return try #require(first)
  }

  /// Starts a dimension change and waits until it pauses at a stage.
  func startChange(to dimensions: Int, pausedAt stage: String) throws -> RunningFerry {
    let change = try start(
      "dimensions", "change", "--to", "\(dimensions)", environment: ["VECTOR_FERRY_PAUSE_AT": stage]
    )
    #expect(change.waitForError("paused at \(stage)"), "\(change.errors)")
    return change
  }
}

extension RunningFerry {
  /// Runs a paused dimension change to its end, without further pauses.
  func resume() throws -> ProcessOutcome {
    while isRunning {
      signal(SIGUSR1)
      usleep(50_000)
    }
    return try finish()
  }
}
