import Layouts
import Postgres
import TestSupport
import Testing

/// Tests layouts, from which statements take the names of columns, so that a table may use other
/// names.
@Suite(.needsServer)
struct LayoutTests {
  private static let other = TableLayout(
    name: "other", key: "langchain_id", user: "Owner", collection: "of", text: "content",
    vector: "v", metadata: "meta data", time: "made")

  private static let script: SQL = """
    CREATE EXTENSION vector;
    CREATE TABLE other (
      v vector(3), "Owner" text, of varchar, content text, "meta data" jsonb, made timestamptz,
      langchain_id uuid CONSTRAINT the_key PRIMARY KEY);
    INSERT INTO other SELECT '[1,2,3]', 'ann', 'notes', 'text ' || n, '{}', now(),
      ('00000000-0000-5000-8000-00000000000' || n)::uuid FROM generate_series(1, 3) n;
    INSERT INTO other SELECT '[1,2,3]', 'ben', 'notes', 'his', NULL, now(), gen_random_uuid();
    """

  @Test func `columns of any name are found, read and changed`() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute(script: Self.script)
    let name = QualifiedName("other")
    #expect(throws: (any Error).self) { try VectorTable.find(name, on: connection) }
    let found = try VectorTable.find(name, layout: Self.other, on: connection)
    let table = try #require(found)
    #expect(table.dimensions == 3)
    let texts: String? = try connection.scalar(
      """
      SELECT string_agg(t.text, ',' ORDER BY t.id) FROM \(table.rows) t
      WHERE t.user_id = 'ann' AND t.collection_name = 'notes' AND t.embedding IS NOT NULL
        AND t.metadata = '{}' AND t.created_at IS NOT NULL AND t.ctid IS NOT NULL
      """)
    #expect(texts == "text 1,text 2,text 3")
    let shared: Int? = try connection.scalar(
      """
      SELECT count(*) FROM \(table.rows) t
      WHERE \(DocumentColumns.shared.isOf(user: "ann", collection: "notes"))
      """)
    #expect(shared == 3)
    let changed = try connection.query(
      """
      UPDATE \(table.name) t SET \(table.layout.text) = \(table.row.text) || '!',
        \(table.layout.time) = \(table.row.time)
      WHERE \(table.row.key) = '00000000-0000-5000-8000-000000000002'
        AND \(table.row.isOf(user: "ann", collection: "notes"))
      """)
    #expect(changed.affectedRows == 1)
    let text: String? = try connection.scalar("SELECT text FROM \(table.rows) t WHERE text ~ '!'")
    #expect(text == "text 2!")
  }

  @Test func `a load writes the columns in the order of the layout, and a taken key is known`()
    throws
  {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute(script: Self.script)
    let found = try VectorTable.find(QualifiedName("other"), layout: Self.other, on: connection)
    let table = try #require(found)
    func load(_ last: UInt8) throws {
      _ = try connection.copyIn(table.name, columns: table.layout.loaded) { writer in
        try writer.beginRow()
        writer.bytes([0, 0, 0, 0, 0, 0, 0x50, 0, 0x80, 0, 0, 0, 0, 0, 0, last])
        for text in ["ann", "notes", "new"] { writer.text(text) }
        let vector: [Float] = [4, 5, 6]
        vector.withUnsafeBufferPointer { writer.vector($0) }
        writer.null()
        writer.int64(0)
      }
    }
    try load(9)
    let text: String? = try connection.scalar(
      "SELECT text FROM \(table.rows) t WHERE embedding::text = '[4,5,6]' AND user_id = 'ann'")
    #expect(text == "new")
    do {
      try load(9)
      Issue.record("the key was taken")
    } catch let error as PostgresError {
      let server = try #require(error.serverError)
      #expect(table.saysIDIsTaken(server))
    }
  }

  @Test(arguments: [
    ("ALTER TABLE other DROP COLUMN content", "has no column content"),
    ("ALTER TABLE other ALTER COLUMN made TYPE text", "column made of"),
    ("ALTER TABLE other ALTER COLUMN v TYPE vector", "column v of"),
    ("ALTER TABLE other ADD COLUMN more int NOT NULL", "column more of"),
  ])
  func `what a table lacks is named as the table names it`(change: String, words: String) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute(script: Self.script)
    try connection.execute(script: "DELETE FROM other")
    try connection.execute(script: SQL(script: change))
    do {
      _ = try VectorTable.find(QualifiedName("other"), layout: Self.other, on: connection)
      Issue.record("\(change) was taken")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
    }
  }
}
