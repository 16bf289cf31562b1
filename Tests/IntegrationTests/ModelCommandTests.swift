import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct ModelCommandTests {
  /// Creates a small store and a larger one, both reduced from 24 to 16 dimensions.
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

  /// The stores of `migrated`, each with the seed of its rows.
  private static let stores = [
    ("ann", "ann/notes", UInt64(5)), ("bob", "bob/large", UInt64(6)),
  ]

  /// Exports a store's model for scikit-learn and loads it there.
  ///
  /// Returns the versions of scikit-learn and NumPy, the model's class, and the greatest difference
  /// between its `transform` and the table's vectors.
  private func transformed(
    by environment: PythonEnvironment, _ ferry: Ferry, user: String, store: String, seed: UInt64
  ) throws -> (versions: String, type: String, difference: Double) {
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
    let answer = try environment.run(
      """
      import json, pickle, sys, warnings, numpy, sklearn
      given = json.load(sys.stdin)
      warnings.simplefilter("ignore")  # of another version of scikit-learn
      with open(sys.argv[1], "rb") as file:
          model = pickle.load(file)
      stored = numpy.array([json.loads(v) for v in given["stored"]])
      ours = model.transform(numpy.array(given["rows"], dtype=numpy.float32))
      print(sklearn.__version__ + "+" + numpy.__version__)
      print(type(model).__name__, numpy.abs(ours - stored).max())
      """, [ferry.folder.file("m.pkl")], input: input)
    let words = answer.text.split(whereSeparator: \.isWhitespace).map(String.init)
    try #require(words.count == 3, "\(answer.text)")
    return (words[0], words[1], try #require(Double(words[2])))
  }

  @Test(.needsPython, arguments: stores)
  func `scikit-learn loads an exported model, which reduces as the table holds it`(
    user: String, store: String, seed: UInt64
  ) throws {
    let ferry = try migrated()
    let model = try transformed(by: .oracle, ferry, user: user, store: store, seed: seed)
    #expect(model.type == "PCA")
    #expect(model.difference < 1e-5)
    // Where no file name is given, the file has a name made of the store's name.
    #expect(try ferry.run("projection", "export", store, "--format", "sklearn").status == 0)
    #expect(
      FileManager.default.fileExists(
        atPath: ferry.folder.file(
          user == "ann" ? "pca_model_notes_ann.pkl" : "pca_model_large_bob.pkl")))
  }

  @Test(.longForm, .needs(.sklearn2023), arguments: stores)
  func `so does scikit-learn of 2023`(user: String, store: String, seed: UInt64) throws {
    let ferry = try migrated()
    let model = try transformed(by: .sklearn2023, ferry, user: user, store: store, seed: seed)
    #expect(model.versions == "1.3.2+1.26.4")
    #expect(model.type == "PCA")
    #expect(model.difference < 1e-5)
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
