import Files
import Foundation
import JSON
import LibraryFiles
import SQLite
import TestSupport
import Testing

@Suite("Hostile and damaged files of Chroma")
struct HostileTests {
  private static let file = "chroma.sqlite3"

  private func rows(_ files: LibraryCase, _ name: String) throws -> ChromaRows {
    let folder = try files.folder()
    let database = try ChromaDatabase(in: folder)
    let collection = try #require(
      try database.collections().first { $0.fullName == name && $0.user == nil })
    return try ChromaRows(collection, of: database, in: folder)
  }

  private func change(_ files: LibraryCase, _ script: String) throws {
    try Database(path: "\(files.path)/\(Self.file)", mode: .readWrite).execute(script)
  }

  @Test(
    "a view, a virtual table or nothing in place of a table is refused",
    arguments: [
      "CREATE VIEW embeddings AS SELECT * FROM former", "",
      "CREATE VIRTUAL TABLE embeddings USING fts5(id, segment_id, embedding_id, seq_id)",
    ])
  func views(script: String) throws {
    let files = try LibraryCase("chroma-0.6.3")
    try change(files, "ALTER TABLE embeddings RENAME TO former; \(script)")
    let refusal = files.refusal { try rows(files, "small") }
    #expect(refusal?.place == "table embeddings")
  }

  @Test("triggers and other tables change nothing")
  func triggers() throws {
    let files = try LibraryCase("chroma-0.6.3")
    let before = try rows(files, "saved-l2").all()
    for table in ["embeddings", "embeddings_queue", "max_seq_id"] {
      let act = "BEGIN DELETE FROM embeddings; END"
      try change(files, "CREATE TRIGGER t_\(table) AFTER UPDATE ON \(table) \(act)")
    }
    try change(files, "CREATE VIEW places AS SELECT 1; CREATE TABLE other (x)")
    #expect(try rows(files, "saved-l2").all() == before)
  }

  @Test("the journal of a killed program is used, and no file is changed or left")
  func journal() throws {
    let files = try LibraryCase("chroma-1.5.9")
    let expected = try rows(files, "small").all()
    let path = "\(files.path)/\(Self.file)"
    let writer = try Database(path: path, mode: .readWrite)
    try writer.execute("PRAGMA cache_size = 1; PRAGMA cache_spill = ON; BEGIN IMMEDIATE")
    try writer.execute(
      "UPDATE embeddings SET embedding_id = 'x' || id; UPDATE embeddings_queue SET id = 'x' || id")
    // The transaction is open, and a part of it is in the file: as after a kill.
    let killed = try TemporaryDirectory("killed")
    for ending in ["", "-journal"] {
      try FileManager.default.copyItem(
        atPath: path + ending, toPath: killed.file(Self.file + ending))
    }
    try writer.execute("ROLLBACK")
    let folder = try Directory(path: killed.path)
    let before = try killed.digests()
    let database = try ChromaDatabase(in: folder)
    let collection = try #require(try database.collections().first { $0.fullName == "small" })
    let rows = try ChromaRows(collection, of: database, in: folder)
    #expect(try rows.all() == expected)
    #expect(try killed.digests() == before)
    let left = try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())
      .filter { $0.hasPrefix("vector-ferry-copy-") }
    #expect(left.isEmpty)
  }

  @Test("a change after the opening is noticed")
  func changed() throws {
    let files = try LibraryCase("chroma-1.5.9")
    let rows = try rows(files, "saved-cosine")
    try rows.checkUnchanged()
    try change(files, "CREATE TABLE other (x)")
    let refusal = files.refusal {
      try rows.checkUnchanged()
      return nil
    }
    #expect(refusal?.kind == .changed)
  }

  @Test("documents that are only in the log are read from it")
  func replay() throws {
    let files = try LibraryCase("chroma-0.6.3")
    let before = try rows(files, "small").all()
    let segment = """
      (SELECT s.id FROM segments s JOIN collections c ON c.id = s.collection
       WHERE c.name = 'small' AND scope = 'METADATA'
       AND c.database_id = '00000000-0000-0000-0000-000000000000')
      """
    try change(files, "DELETE FROM max_seq_id WHERE segment_id = \(segment)")
    try change(files, "DELETE FROM embeddings WHERE segment_id = \(segment)")
    #expect(try rows(files, "small").all() == before)
  }

  @Test("NaN in the log becomes null, and infinity is refused")
  func numbersInTheLog() throws {
    for (word, isRead) in [("NaN", true), ("Infinity", false)] {
      let files = try LibraryCase("chroma-0.6.3")
      try change(
        files,
        """
        INSERT INTO embeddings_queue (operation, topic, id, metadata)
        SELECT 1, topic, id, '{"bad": \(word), "text": "NaN"}'
        FROM embeddings_queue WHERE id = 's6' LIMIT 1
        """)
      guard isRead else {
        #expect(files.refusal { try rows(files, "small") } != nil)
        continue
      }
      let document = try #require(try rows(files, "small").all().first { $0.id == "s6" })
      #expect(document.metadata["bad"] == .null && document.metadata["text"] == "NaN")
      #expect(document.metadata["number"] != nil)
    }
  }

  @Test(
    "vectors and documents that do not belong together are refused with their ids",
    arguments: [
      ("DELETE FROM embeddings WHERE embedding_id = 'saved-l2-20'", "saved-l2-20"),
      (
        "UPDATE embeddings SET embedding_id = 'stranger' WHERE embedding_id = 'saved-l2-21'",
        "stranger"
      ),
      (
        "UPDATE embeddings_queue SET vector = x'00' WHERE id = 'saved-l2-late-3'", "1 bytes"
      ),
      (
        "UPDATE embeddings_queue SET encoding = 'INT32' WHERE id = 'saved-l2-late-3'",
        "not in FLOAT32"
      ),
      ("UPDATE segments SET type = 'urn:other' WHERE scope = 'VECTOR'", "urn:other"),
      ("DELETE FROM segments WHERE scope = 'METADATA'", "one segment"),
      ("UPDATE max_seq_id SET seq_id = 'x'", "max_seq_id"),
    ])
  func pairs(script: String, words: String) throws {
    let files = try LibraryCase("chroma-0.5.23")
    try change(files, script)
    let refusal = files.refusal { try rows(files, "saved-l2") }
    #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
  }

  @Test(
    "a saved segment that is cut or lacks a file is refused",
    arguments: [
      "header.bin", "data_level0.bin", "length.bin", "index_metadata.pickle",
    ])
  func segments(name: String) throws {
    let files = try LibraryCase("chroma-0.5.23")
    let place = try files.segment(of: "saved-cosine")
    let whole = try files.bytes("\(place)/\(name)")
    for count in [0, 1, 60, whole.count / 30] where count < whole.count {
      try files.write(Array(whole[..<count]), to: "\(place)/\(name)")
      let refusal = files.refusal { try rows(files, "saved-cosine") }
      #expect(refusal != nil, "\(name) with \(count) bytes")
    }
    try FileManager.default.removeItem(atPath: "\(files.path)/\(place)/\(name)")
    // Without the pickle nothing counts as saved, and the documents have no vectors.
    #expect(files.refusal { try rows(files, "saved-cosine") } != nil)
  }

  @Test("a hostile pickle of a segment is refused and not run")
  func pickles() throws {
    let files = try LibraryCase("chroma-0.6.3")
    let place = try files.segment(of: "saved-l2")
    let canary = files.directory.file("canary")
    let name = "chromadb.segment.impl.vector.local_persistent_hnsw\nPersistentData"
    for pickle in [
      "cos\nsystem\n(S'touch \(canary)'\ntR.",
      "c\(name)\n)\u{81}}S'__dict__'\ncos\nsystem\n(S'touch \(canary)'\ntRsb.",
      "c\(name)\n(S'touch \(canary)'\ntR.",
      "clangchain.schema\nDocument\n)\u{81}}b.", "cbuiltins\nset\n)R.", "}.",
    ] {
      let bytes = pickle.unicodeScalars.map { UInt8($0.value) }
      try files.write(bytes, to: "\(place)/index_metadata.pickle")
      let refusal = files.refusal { try rows(files, "saved-l2") }
      #expect(refusal?.file.hasSuffix("index_metadata.pickle") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: canary))
  }

  @Test("a changed bit is refused, or read as a document that differs")
  func flips() throws {
    let files = try LibraryCase("chroma-1.5.9")
    let names = ["header.bin", "data_level0.bin", "length.bin", "index_metadata.pickle"]
    for collection in ["saved-l2", "saved-cosine"] {
      let place = try files.segment(of: collection)
      try files.flip([Self.file] + names.map { "\(place)/\($0)" }, seed: 34) {
        try rows(files, collection)
      }
    }
  }

  @Test("a file that is no SQLite database, or whose pages are damaged, is refused")
  func damaged() throws {
    let files = try LibraryCase("chroma-0.6.3")
    let whole = try files.bytes(Self.file)
    try files.write(Array("not a database".utf8), to: Self.file)
    #expect(files.refusal { try rows(files, "small") }?.problem == "this is not an SQLite database")
    for count in stride(from: 0, to: whole.count - 1, by: whole.count / 30) {
      try files.write(Array(whole[..<count]), to: Self.file)
      #expect(files.refusal { try rows(files, "saved-l2") } != nil, "\(count) bytes")
    }
  }
}
