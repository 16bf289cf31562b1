import Foundation
import TestSupport
import Testing

@testable import VectorMath

@Suite("Agreement with NumPy and scikit-learn")
struct AgreementTests {
  // The spectrum has a gap after the wanted components; without a gap, the subspace is not
  // determined.
  static func rows(_ count: Int, _ dimensions: Int, gap: Int) -> [Float] {
    var generator = SeededGenerator(seed: 41)
    let mean = normals(dimensions, &generator)
    var result = normals(count * dimensions, &generator)
    for index in result.indices {
      let column = index % dimensions
      result[index] *= (column < gap ? 1 : 0.1) / (1 + Float(column) / 40)
      result[index] += mean[column]
    }
    return result
  }

  static let script = """
    import sys, numpy, scipy.linalg, sklearn.decomposition
    count, d, k, kind = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    both = numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.float32)
    x = both[:count * d].reshape(count, d).astype(float)
    ours = both[count * d:].reshape(k, d).astype(float)
    if kind == "centered":
        model = sklearn.decomposition.PCA(n_components=k, svd_solver="full").fit(x)
        w, ratios = model.components_, model.explained_variance_ratio_
    else:
        values, vectors = numpy.linalg.eigh(x.T @ x / count)
        w, ratios = vectors[:, ::-1][:, :k].T, values[::-1][:k] / values.sum()
    print(scipy.linalg.subspace_angles(ours.T, w.T).max())
    print(*ratios)
    """

  @Test(
    "of subspace and energies",
    .needsPython,
    arguments: [Projection.Kind.uncentered, .centered])
  func agrees(_ kind: Projection.Kind) throws {
    let (count, dimensions, target) = (400, 128, 40)
    let rows = Self.rows(count, dimensions, gap: target)
    let projection = try ProjectionTests.fit(
      rows, dimensions, target, kind: kind, engine: Engine(threads: 2))
    let bytes = (rows + projection.components).withUnsafeBytes { Data($0) }
    let answer = try Oracle.run(
      Self.script, ["\(count)", "\(dimensions)", "\(target)", kind.rawValue], input: bytes)
    let lines = answer.text.split(separator: "\n")
    let angle = try #require(lines.first.flatMap { Double($0) })
    let ratios = try #require(lines.last).split(separator: " ").compactMap { Double($0) }
    #expect(angle <= 1e-3)
    #expect(ratios.count == target)
    for (ours, theirs) in zip(projection.energyRatios, ratios) {
      #expect(abs(ours - theirs) <= 1e-4)
    }
  }

  @Test(
    "of whole stores: ranking and scores survive 3072 → 2000",
    .longForm,
    arguments: [116, 500, 1999])
  func keepsWholeStores(_ count: Int) throws {
    let engine = try Engine()
    var generator = SeededGenerator(seed: UInt64(count))
    let rows = embeddings(count, 3072, &generator)
    let projection = try ProjectionTests.fit(rows, 3072, 2000, engine: engine)
    let reduced = try ProjectionTests.transform(rows, projection, engine)
    let asked = embeddings(200, 3072, &generator)
    let probe = try FidelityProbe(
      queries: (0..<200).map { Array(asked.row($0, of: 3072)) }, projection: projection,
      engine: engine)
    try rows.withUnsafeBufferPointer { rows in
      try reduced.withUnsafeBufferPointer { reduced in
        try probe.add(original: rows, reduced: reduced, count: count)
      }
    }
    let fidelity = probe.result()
    #expect(fidelity.recall == 1)
    #expect(fidelity.largestScoreChange <= 1e-5)
  }
}
