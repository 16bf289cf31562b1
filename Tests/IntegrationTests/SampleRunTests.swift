import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct SampleRunTests {
  private static let expected = [
    "juniper/personal_assistant": 48, "sorrel/carnet_de_voyage_日本_été": 40,
    "willow/legacy-notes": 60, "willow/personal_assistant": 120,
  ]
  private static let key = ["ENCRYPTION_MASTER_KEY": Ferry.sampleKey]

  @Test func `a dry run checks everything and writes nothing anywhere`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let before = try contents(of: ferry.folder.path)
    let outcome = try ferry.run("--dry-run", environment: Self.key)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Mode: DRY RUN"))
    #expect(outcome.text.contains("Reduces 3072 to 2000 dimensions by PCA"))
    #expect(outcome.text.contains("Extends 768 to 2000 dimensions with zeros"))
    #expect(outcome.text.contains("Inserts 120 documents"))
    #expect(try contents(of: ferry.folder.path) == before)
    let relations: Int? = try ferry.scalar(
      "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    #expect(relations == 0)
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
  }

  @Test func `the samples arrive, and a second run changes no row`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let first = try ferry.run(environment: Self.key)
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    #expect(try ferry.counts() == Self.expected)
    let versions = try ferry.rowVersions()
    let second = try ferry.run(environment: Self.key)
    #expect(second.status == 0)
    for store in Self.expected.keys {
      #expect(second.text.contains("\(store): unchanged since it was migrated"))
    }
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `the report carries the lines of the earlier script, in their order`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_personal_assistant")
    let text = try ferry.run().text
    let lines = [
      "Vector Store Migration to PostgreSQL", "User data directory: user_data",
      "Backup directory: migration_backup", "Mode: LIVE MIGRATION",
      "Found 1 vector store(s) to migrate:", "  - willow/personal_assistant",
      "Creating backups in migration_backup...", "  Backup created: migration_backup/",
      "Migrating store: willow/personal_assistant",
      "  Path: user_data/willow/vector_store_personal_assistant",
      "  Loaded 120 vectors from vectors.pkl", "  Loaded 120 metadata entries",
      "  Fitting PCA model to reduce from 3072 to 2000 dimensions...", "  Saved PCA model to ",
      "  Adding 120 documents to PostgreSQL...", "Migration Summary", "Total stores: 1",
      "Successful: 1", "Failed: 0", "Total documents migrated: 120",
      "✅ Migration completed successfully!",
    ]
    var rest = text[...]
    for line in lines {
      let found = try #require(rest.range(of: "\(line)"), "\(line) is missing or out of order")
      rest = rest[found.upperBound...]
    }
  }

  @Test func `a store whose key is missing fails by name, and --failed mends it`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let first = try ferry.run()
    #expect(first.status == 1)
    #expect(first.text.contains("Failed: juniper/personal_assistant"))
    #expect(first.text.contains("Remedy: set ENCRYPTION_MASTER_KEY"))
    #expect(first.text.contains("Successful: 3"))
    #expect(try ferry.counts()["juniper/personal_assistant"] == nil)
    let versions = try ferry.rowVersions()
    let second = try ferry.run("--failed", environment: Self.key)
    #expect(second.status == 0, "\(second.text)\(second.errorText)")
    #expect(second.text.contains("Found 1 vector store(s) to migrate:"))
    #expect(try ferry.counts() == Self.expected)
    #expect(try ferry.rowVersions() != versions)
    let third = try ferry.run("--failed", environment: Self.key)
    #expect(third.status == 3)
  }

  @Test func `backups hold the files byte for byte and nobody else may read them`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_legacy-notes")
    try ferry.run()
    let root = ferry.folder.file("migration_backup")
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: root).first { $0.hasPrefix("20") })
    let copy = "\(root)/\(run)/willow/legacy-notes"
    let source = ferry.folder.file("user_data/willow/vector_store_legacy-notes")
    #expect(try contents(of: copy) == contents(of: source))
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")
      let mode = try #require(attributes[.posixPermissions] as? Int)
      #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
    }
    let manifest = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: "\(root)/\(run)/manifest.json")))
    let stores = try #require((manifest as? [String: Any])?["stores"] as? [[String: Any]])
    #expect(stores.first?["folder"] as? String == "willow/legacy-notes")
  }

  @Test(arguments: [
    ["scan", "--json"], ["migrate", "--dry-run", "--json"], ["migrate", "--json"],
  ])
  func `--json prints one document and nothing else`(arguments: [String]) throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let outcome = try TestSupport.run(
      Ferry.binary, Ferry.words(arguments), environment: Ferry.clean(ferry.database.url, Self.key),
      directory: ferry.folder.path)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let document = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    let stores = try #require(document?["stores"] as? [[String: Any]])
    #expect(stores.count == 4)
    #expect(stores.compactMap { $0["vectors"] as? Int }.sorted() == [40, 48, 60, 120])
  }

  @Test func `text, metadata, time and vector arrive with their own entry`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("sorrel")
    try ferry.run()
    let file = ferry.folder.file(
      "user_data/sorrel/vector_store_carnet_de_voyage_日本_été/metadata.json")
    let entries = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
        as? [[String: Any]])
    let session = try ferry.database.connect()
    for (position, entry) in entries.enumerated() {
      let text = try #require(entry["text"] as? String)
      let stored: String? = try session.scalar(
        """
        SELECT t.text FROM vector_ferry.documents d JOIN vector_documents t ON t.id = d.document_id
        WHERE d.position = \(position)
        """)
      #expect(stored == text)
    }
    // A number that would lose digits if the program converted it to a double.
    let digits: Int? = try session.scalar(
      "SELECT count(*) FROM vector_documents WHERE metadata::text ~ '[0-9]{30}'")
    #expect(try #require(digits) > 0)
  }
}
