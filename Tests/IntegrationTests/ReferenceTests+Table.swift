import Foundation
import Postgres
import TestSupport
import Testing

/// Tests foreign keys from the table to itself, and keys on columns that the server or a trigger
/// computes.
extension ReferenceTests {
  /// Returns SQL by which documents 2 and 3 and a row of another user refer to the last document.
  private static func parents(_ action: String) -> String {
    """
    ALTER TABLE vector_documents ADD COLUMN parent uuid
      REFERENCES vector_documents ON DELETE \(action);
    CREATE TABLE likes (document uuid REFERENCES vector_documents ON DELETE CASCADE);
    INSERT INTO likes SELECT id FROM vector_documents;
    UPDATE vector_documents SET parent = p.id FROM vector_documents p
    WHERE p.text LIKE '%number 9,%' AND vector_documents.text ~ 'number [23],';
    INSERT INTO vector_documents (user_id, collection_name, text, embedding, parent)
    SELECT 'eve', 'own', 'hers', embedding, id FROM vector_documents WHERE text LIKE '%number 9,%';
    """
  }

  /// Writes files without the last document, in which documents 2 and 3 are edited.
  private func writeWithoutParent(_ ferry: Ferry) throws {
    var texts = Ferry.texts(9)
    (texts[2], texts[3]) = ("Edited 2", "Edited 3")
    try ferry.writeStore(rows: Ferry.rows(9), texts: texts)
  }

  @Test func `references from documents to one that goes are lost only with leave`() throws {
    let ferry = try migrated(Self.parents("SET NULL"))
    #expect(try count(ferry, "vector_documents WHERE parent IS NOT NULL") == 3)
    let digest = try ferry.contentDigest()
    try writeWithoutParent(ferry)
    let key = "public.vector_documents (vector_documents_parent_fkey, ON DELETE SET NULL)"
    let dry = try ferry.run("--dry-run")
    for words in [
      key,
      "public.vector_documents: 3 rows are changed; needs --allow-loss public.vector_documents",
      "public.likes: 1 row is deleted",
    ] { #expect(dry.text.contains(words), "\(words): \(dry.text)") }
    #expect(try ferry.run("doctor").text.contains(key))
    let refused = try ferry.run("--allow-loss", "likes")
    #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
    #expect(
      refused.text.contains(
        "rows of the table that should not change would be deleted or changed by foreign keys "
          + "together with 1 "
          + "document that is no longer in the files: public.vector_documents: 3 rows are changed"),
      "\(refused.text)")
    #expect(try count(ferry, "vector_documents WHERE parent IS NOT NULL") == 3)
    #expect(try ferry.contentDigest() == digest)
    let allowed = try ferry.run("--allow-loss", "likes", "--allow-loss", "vector_documents")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(try count(ferry, "vector_documents WHERE parent IS NOT NULL") == 0)
    #expect(try ferry.counts() == ["ann/notes": 9, "eve/own": 1])
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `documents that go with another are counted, and go only with leave`() throws {
    let ferry = try migrated(
      Self.parents("CASCADE") + """
        UPDATE vector_documents SET parent = p.id FROM vector_documents p
        WHERE p.text LIKE '%number 3,%' AND vector_documents.text LIKE '%number 4,%';
        """)
    let digest = try ferry.contentDigest()
    try ferry.writeStore(rows: Ferry.rows(9), texts: Ferry.texts(9))
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains("public.vector_documents: 4 rows are deleted;"), "\(dry.text)")
    #expect(dry.text.contains("public.likes: 4 rows are deleted;"), "\(dry.text)")
    let refused = try ferry.run("--allow-loss", "likes")
    #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
    #expect(refused.text.contains("public.vector_documents: 4 rows are deleted"), "\(refused.text)")
    #expect(try ferry.contentDigest() == digest)
    // The documents that the files have are written again.
    let allowed = try ferry.run("--allow-loss", "likes", "--allow-loss", "vector_documents")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 9])
    #expect(try count(ferry, "likes") == 6)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `a rollback names references of rows that stay`() throws {
    for (action, after) in [("SET NULL", "1 row is changed"), ("CASCADE", "1 row is deleted")] {
      let ferry = try migrated(
        Self.parents(action) + "DELETE FROM vector_documents "
          + "WHERE user_id = 'eve'; UPDATE vector_documents SET text = 'mine' "
          + "WHERE text LIKE '%number 3,%'; DROP TABLE likes;")
      let digest = try ferry.contentDigest()
      let dry = try ferry.run("rollback", "--dry-run")
      #expect(dry.text.contains("public.vector_documents: \(after);"), "\(dry.text)")
      let refused = try ferry.run("rollback", "--yes")
      #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
      #expect(
        refused.text.contains("public.vector_documents: \(after)"),
        "\(refused.text)\(refused.errorText)")
      #expect(try ferry.contentDigest() == digest)
      let allowed = try ferry.run("rollback", "--yes", "--allow-loss", "vector_documents")
      #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
      #expect(try count(ferry, "vector_documents") == (action == "CASCADE" ? 0 : 1))
    }
  }

  @Test func `keys on columns that the text is put into are watched`() throws {
    let scripts = [
      """
      ALTER TABLE vector_documents ADD COLUMN h text GENERATED ALWAYS AS (md5(text)) STORED UNIQUE;
      """,
      """
      ALTER TABLE vector_documents ADD COLUMN h text UNIQUE;
      UPDATE vector_documents SET h = md5(text);
      CREATE FUNCTION hash() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.h := md5(NEW.text); RETURN NEW; END $$;
      CREATE TRIGGER app_hash BEFORE UPDATE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION hash();
      """,
    ]
    for script in scripts {
      let ferry = try migrated(
        script + """
          CREATE TABLE tags (h text REFERENCES vector_documents (h) ON UPDATE SET NULL);
          INSERT INTO tags SELECT h FROM vector_documents;
          """)
      let key = "public.tags (tags_h_fkey, ON UPDATE SET NULL)"
      var texts = Ferry.texts(10)
      texts[7] = "Another text"
      try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
      let dry = try ferry.run("--dry-run")
      #expect(dry.text.contains(key), "\(dry.text)")
      #expect(try ferry.run("doctor").text.contains(key))
      let refused = try ferry.run()
      #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
      #expect(refused.text.contains("public.tags: 1 row is changed"), "\(refused.text)")
      #expect(try count(ferry, "tags WHERE h IS NULL") == 0)
      let allowed = try ferry.run("--allow-loss", "tags")
      #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
      #expect(try count(ferry, "tags WHERE h IS NULL") == 1)
    }
  }

  @Test func `a table in a schema that the role may not use can be named`() throws {
    let ferry = try Ferry()
    let role = try Role("owner", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector;
          GRANT CREATE, TEMPORARY ON DATABASE \(ferry.database.name) TO \(role.name);
          GRANT CREATE ON SCHEMA public TO \(role.name);
          SET ROLE \(role.name);
          \(DatabaseCase.table)
          """))
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    #expect(try ferry.run(command: [], environment: environment).status == 0)
    try ferry.database.connect().execute(
      script: """
        CREATE SCHEMA priv;
        CREATE TABLE priv.c (document uuid REFERENCES vector_documents ON DELETE CASCADE);
        CREATE TABLE priv.g (document uuid REFERENCES vector_documents ON DELETE CASCADE);
        INSERT INTO priv.c SELECT id FROM vector_documents;
        INSERT INTO priv.g SELECT id FROM vector_documents;
        """)
    try ferry.writeStore(rows: Ferry.rows(9), texts: Ferry.texts(9))
    let refused = try ferry.run(command: [], environment: environment)
    #expect(
      refused.text.contains("add --allow-loss priv.c --allow-loss priv.g"), "\(refused.text)")
    let allowed = try ferry.run(
      command: ["migrate", "--allow-loss", "priv.c", "--allow-loss", "priv.g"],
      environment: environment)
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(try count(ferry, "priv.c") == 9)
  }
}
