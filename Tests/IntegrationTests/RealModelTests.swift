import Foundation
import Postgres
import TestSupport
import Testing

/// `migrate --reembed` with a real model, all-MiniLM-L6-v2, that NumPy computes.
@Suite(.longForm, .needsServer, .needs(.minilm))
struct RealModelTests {
  private let python: String

  init() throws { python = try #require(PythonEnvironment.minilm.python) }

  /// What the model's script prints for some input.
  private func answer(_ mode: String, _ input: Any) throws -> Any {
    let outcome = try TestSupport.run(
      python, ["\(Oracle.repository)/Tests/TestSupport/ModelService.py", mode],
      input: try JSONSerialization.data(withJSONObject: input))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return try JSONSerialization.jsonObject(with: outcome.output)
  }

  @Test func `the model gives the similarities that are published for it`() throws {
    let found =
      try answer(
        "--similarity",
        [
          "That is a happy person", "That is a happy dog", "That is a very happy person",
          "Today is a sunny day",
        ]) as? [Double] ?? []
    let published = [1, 0.695, 0.943, 0.257]
    #expect(found.count == 4 && zip(found, published).allSatisfy { abs($0 - $1) < 0.001 })
  }

  @Test func `search TEXT finds what the model and NumPy find`() throws {
    let service = try PythonService("ModelService.py", python: python)
    let ferry = try Ferry()
    try ferry.addSamples()
    let environment = [
      "EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "all-MiniLM-L6-v2",
      "OPENAI_BASE_URL": "http://127.0.0.1:\(service.port)/v1",
      "ENCRYPTION_MASTER_KEY": Ferry.sampleKey,
    ]
    let outcome = try ferry.run("migrate", "--reembed", "--yes", environment: environment)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    for line in outcome.text.split(separator: "\n")
    where ["Migrating store", "Old and new", "Asked"].contains(where: line.contains) {
      print(line)
    }
    let queries = [
      "plans for the next weeks", "food and cooking", "a journey to Japan", "work and meetings",
    ]
    let stores = try ferry.counts().keys.sorted()
    #expect(stores.count >= 3)
    for store in stores {
      let name = store.split(separator: "/").map(String.init)
      let rows = try ferry.database.connect().query(
        "SELECT text FROM vector_documents WHERE user_id = \(name[0]) AND collection_name = \(name[1])"
      )
      let texts = try (0..<rows.rowCount).map { try rows.value($0, 0, as: String.self) }
      let ranks =
        try answer("--rank", ["texts": texts, "queries": queries]) as? [[Int]] ?? []
      for (query, rank) in zip(queries, ranks) {
        let found = try ferry.run(
          "search", "--user", name[0], "--collection", name[1], "-k", "5", "--json", query,
          environment: environment)
        #expect(found.status == 0, "\(found.errorText)")
        let documents = try Ferry.json(found)["documents"] as? [[String: Any]] ?? []
        #expect(
          documents.compactMap { $0["text"] as? String } == rank.prefix(5).map { texts[$0] },
          "\(store): \(query)")
      }
    }
    let asked = try ferry.run("verify", "--ask", "3", environment: environment)
    #expect(asked.status == 0, "\(asked.text)\(asked.errorText)")
  }
}
