import Foundation
import Postgres
import TestSupport
import Testing

/// Compares searches of whole stores in PostgreSQL with an exact scan of the originals in NumPy's
/// double precision; the queries are not in the store.
@Suite(
  .needsServer,
  .needsPython)
struct FidelityTests {
  struct Size: CustomTestStringConvertible {
    let rows, queries: Int
    var testDescription: String { "\(rows) rows, \(queries) queries" }
  }

  /// The sizes of stores; the long form makes 200 queries for every size.
  static let sizes: [Size] =
    Oracle.isFullRun
    ? [116, 500, 1999].map { Size(rows: $0, queries: 200) } : [Size(rows: 116, queries: 12)]

  /// A script that makes rows with a common direction and a decaying spectrum, like embeddings.
  ///
  /// Each query is half near a row and half independent of the rows, so that most of the query lies
  /// outside of the rows' span.
  static let script = """
    import json, pickle, sys, numpy
    folder, count, asked = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random = numpy.random.default_rng(count)
    def unit(x): return x / numpy.linalg.norm(x, axis=1, keepdims=True)
    decay = 1 / (1 + numpy.arange(3072) * 8 / 3072)
    mean = random.standard_normal(3072) * 0.5
    def draw(n): return unit(random.standard_normal((n, 3072)) * decay + mean)
    rows = draw(count).astype(numpy.float32)
    queries = draw(asked)
    near = rows[random.integers(count, size=asked // 2)]
    queries[: asked // 2] = unit(near + 0.7 * queries[: asked // 2])
    queries = queries.astype(numpy.float32)
    with open(folder + "/vectors.pkl", "wb") as file:
        pickle.dump([r.tolist() for r in rows], file)
    with open(folder + "/metadata.json", "w") as file:
        json.dump([{"id": f"doc_{i}", "text": str(i)} for i in range(count)], file)
    queries.tofile(folder + "/../queries.f32")
    scores = unit(queries.astype(float)) @ unit(rows.astype(float)).T
    print(json.dumps(scores.tolist()))
    """

  @Test(arguments: sizes)
  func `a whole store keeps ranking and scores, 3072 to 2000`(size: Size) throws {
    let ferry = try Ferry()
    let folder = "user_data/ann/vector_store_notes"
    try ferry.folder.write("", to: "\(folder)/vectors.pkl")
    let answer = try Oracle.run(
      Self.script, [ferry.folder.file(folder), "\(size.rows)", "\(size.queries)"])
    let truth = try JSONDecoder().decode([[Double]].self, from: answer.output)
    let outcome = try ferry.run("--no-backup", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let file = try Data(
      contentsOf: URL(fileURLWithPath: ferry.folder.file("user_data/ann/queries.f32")))
    let numbers = file.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let session = try ferry.database.connect()
    var missed = 0
    var change = 0.0
    for (query, scores) in truth.enumerated() {
      let vector = VectorValue(Array(numbers[query * 3072..<(query + 1) * 3072]))
      let found = try session.query(
        """
        SELECT text, similarity
        FROM vector_ferry.similarity_search('ann', 'notes', \(vector)::vector, 10)
        """)
      #expect(found.rowCount == 10)
      let wanted = Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10))
      for rank in 0..<found.rowCount {
        let row = try #require(Int(try found.value(rank, 0, as: String.self)))
        if !wanted.contains(row) { missed += 1 }
        change = max(change, abs(try found.value(rank, 1, as: Double.self) - scores[row]))
      }
    }
    let recall = 1 - Double(missed) / Double(10 * size.queries)
    print("\(size): recall@10 \(recall), largest score change \(change)")
    #expect(recall == 1)
    #expect(change <= 1e-5)
  }
}
