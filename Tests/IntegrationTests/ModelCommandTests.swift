import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct ModelCommandTests {
  /// A small store and a larger one, both reduced from 24 to 16 dimensions.
  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5, dimensions: 24, seed: 5), texts: Ferry.texts(5))
    try ferry.writeStore(
      user: "bob", collection: "large", rows: Ferry.rows(60, dimensions: 24, seed: 6),
      texts: Ferry.texts(60))
    let outcome = try ferry.run("--dimensions", "16", "--min-recall", "0.1")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  private func runFile(_ ferry: Ferry, _ name: String) throws -> Data {
    let backups = ferry.folder.file("migration_backup")
    let path = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: backups).first { $0.hasSuffix(name) })
    return try Data(contentsOf: URL(fileURLWithPath: "\(backups)/\(path)"))
  }

  @Test func `list names each store's model with what was measured`() throws {
    let ferry = try migrated()
    let table = try ferry.run("projection", "list")
    #expect(table.status == 0, "\(table.errorText)")
    for word in ["ann", "notes", "bob", "large", "uncentered", "24", "16", "1.000", "5 rows"] {
      #expect(table.text.contains(word), "\(word)")
    }
    let json = try Ferry.json(try ferry.run("projection", "list", "--json"))
    let models = try #require(json["projections"] as? [[String: Any]])
    #expect(models.count == 2)
    #expect(models.first?["exact"] as? Bool == true)
    #expect(models.first?["captured_energy"] as? Double ?? 0 > 0.999999)
    let stores = try #require(models.last?["stores"] as? [[String: Any]])
    let recall = try #require(stores.first?["recall"] as? Double)
    #expect(recall > 0.1 && recall < 1)
    let run: String? = try ferry.scalar("SELECT id::text FROM vector_ferry.runs")
    #expect(models.allSatisfy { $0["run"] as? String == run })
    let one = try ferry.run("projection", "list", "--user", "bob")
    #expect(one.text.contains("large") && !one.text.contains("notes"))
  }

  @Test func `show tells the energy by component, and draws it`() throws {
    let ferry = try migrated()
    let shown = try ferry.run("projection", "show", "bob/large", "--plot", "energy.svg")
    #expect(shown.status == 0, "\(shown.errorText)")
    for word in ["COMPONENTS", "ENERGY KEPT", "16", "60 rows", "Measured recall@10"] {
      #expect(shown.text.contains(word), "\(word)")
    }
    let svg = try String(contentsOfFile: ferry.folder.file("energy.svg"), encoding: .utf8)
    #expect(svg.contains("<svg") && svg.contains("fitted to 60 rows"))
    let again = try ferry.run("projection", "show", "bob/large", "--plot", "energy.svg")
    #expect(again.status == 3)
    #expect(again.errorText.contains("energy.svg"))
    let json = try Ferry.json(try ferry.run("projection", "show", "bob/large", "--json"))
    let ratios = try #require(json["energy_ratios"] as? [Double])
    #expect(ratios.count == 16)
    #expect(ratios == ratios.sorted(by: >))
    let captured = try #require(json["captured_energy"] as? Double)
    #expect(abs(ratios.reduce(0, +) - captured) < 1e-12)
  }

  @Test(arguments: [
    ("ann/notes", "pca_model_notes_ann.npz"), ("bob/large", "pca_model_large_bob.npz"),
  ])
  func `export writes the very file that the run wrote`(store: String, file: String) throws {
    let ferry = try migrated()
    let outcome = try ferry.run("projection", "export", store)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let exported = try Data(contentsOf: URL(fileURLWithPath: ferry.folder.file(file)))
    #expect(try exported == runFile(ferry, file))
    #expect(try ferry.run("projection", "export", store).status == 3)
  }

  @Test(
    .needsPython,
    arguments: [
      ("ann", "ann/notes", UInt64(5)), ("bob", "bob/large", UInt64(6)),
    ])
  func `scikit-learn loads an exported model, which reduces as the table holds it`(
    user: String, store: String, seed: UInt64
  ) throws {
    let ferry = try migrated()
    let outcome = try ferry.run("projection", "export", store, "--format", "sklearn", "-o", "m.pkl")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let vectors = try ferry.database.connect().query(
      """
      SELECT t.embedding::text FROM vector_ferry.documents d
      JOIN vector_documents t ON t.id = d.document_id
      WHERE t.user_id = \(user) ORDER BY d.position
      """)
    let stored = try (0..<vectors.rowCount).map { try vectors.value($0, 0, as: String.self) }
    let rows = Ferry.rows(vectors.rowCount, dimensions: 24, seed: seed)
    let input = try JSONSerialization.data(withJSONObject: ["rows": rows, "stored": stored])
    let answer = try Oracle.run(
      """
      import json, pickle, sys, warnings, numpy
      given = json.load(sys.stdin)
      warnings.simplefilter("ignore")  # of another version of scikit-learn
      with open(sys.argv[1], "rb") as file:
          model = pickle.load(file)
      stored = numpy.array([json.loads(v) for v in given["stored"]])
      ours = model.transform(numpy.array(given["rows"], dtype=numpy.float32))
      print(type(model).__name__, numpy.abs(ours - stored).max())
      """, [ferry.folder.file("m.pkl")], input: input)
    let words = answer.text.split(whereSeparator: \.isWhitespace)
    #expect(words.first == "PCA", "\(answer.text)")
    #expect(try #require(Double(words[1])) < 1e-5)
    // A name is made of the store's where none is given.
    #expect(try ferry.run("projection", "export", store, "--format", "sklearn").status == 0)
    #expect(
      FileManager.default.fileExists(
        atPath: ferry.folder.file(
          user == "ann" ? "pca_model_notes_ann.pkl" : "pca_model_large_bob.pkl")))
  }

  @Test(.needsPython)
  func `numpy reduces with an exported model as the table holds it`() throws {
    let ferry = try migrated()
    try ferry.run("projection", "export", "bob/large", "-o", "model.npz")
    let vectors = try ferry.database.connect().query(
      """
      SELECT t.embedding::text FROM vector_ferry.documents d
      JOIN vector_documents t ON t.id = d.document_id
      WHERE t.user_id = 'bob' ORDER BY d.position
      """)
    let stored = try (0..<60).map { try vectors.value($0, 0, as: String.self) }
    let rows = Ferry.rows(60, dimensions: 24, seed: 6)
    let input = try JSONSerialization.data(withJSONObject: ["rows": rows, "stored": stored])
    let answer = try Oracle.run(
      """
      import json, sys, numpy
      given = json.load(sys.stdin)
      model = numpy.load(sys.argv[1])
      rows = numpy.array(given["rows"], dtype=numpy.float32)
      stored = numpy.array([json.loads(v) for v in given["stored"]])
      ours = rows.astype(float) @ model["components"].astype(float).T
      print(numpy.abs(ours - stored).max(), *model["dimensions"], *model["energies"].shape)
      """, [ferry.folder.file("model.npz")], input: input)
    let words = answer.text.split(separator: " ").map(String.init)
    #expect(try #require(Double(words[0])) < 1e-5)
    #expect(
      words[1...].map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } == ["24", "16", "16"])
  }

  @Test(arguments: [
    ["projection", "show", "ann/nothing"], ["projection", "show", "999"],
    ["projection", "show", "nonsense"], ["projection", "export", "ann/nothing"],
    ["projection", "refit", "ann/nothing"], ["projection", "refit", "7"],
  ])
  func `a name that fits nothing is refused`(words: [String]) throws {
    let ferry = try migrated()
    let outcome = try TestSupport.run(
      Ferry.binary, words, environment: try Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == 3, "\(outcome.text)")
    #expect(outcome.errorText.contains("Remedy:"))
  }

  @Test func `an empty database has nothing to list, and says so`() throws {
    let ferry = try Ferry()
    let outcome = try ferry.run("projection", "list", "--json")
    #expect(outcome.status == 3)
    #expect(try Ferry.json(outcome)["exit_code"] as? Int == 3)
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    try ferry.run()
    #expect(try ferry.run("projection", "list").text.contains("No projections"))
  }
}
