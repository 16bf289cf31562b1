// Fitting a projection against scikit-learn's PCA. Arguments: rows, dimensions, target, rounds.
import Foundation
import Rival
import VectorMath

let rows = argument(1, default: 10_000)
let dimensions = argument(2, default: 3072)
let target = argument(3, default: 2000)
let rounds = argument(4, default: 5)

let input = FileManager.default.temporaryDirectory.appendingPathComponent("fit-input.f32")
let output = FileManager.default.temporaryDirectory.appendingPathComponent("fit-output.f32")
let x = embeddings(rows, dimensions, gap: target, seed: 1)
try x.withUnsafeBytes { try Data($0).write(to: input) }
defer { try? FileManager.default.removeItem(at: input) }

func rival(_ core: String, _ arguments: String) throws -> Rival {
  try Rival(
    script: """
      import numpy, sklearn.decomposition
      x = numpy.fromfile("\(input.path)", dtype=numpy.float32).reshape(\(rows), \(dimensions))
      model = sklearn.decomposition.PCA(n_components=\(target)\(arguments))
      def round(): model.fit(x)
      def agreement():
          import scipy.linalg
          ours = numpy.fromfile("\(output.path)", dtype=numpy.float32).reshape(-1, \(dimensions))
          wide = ours.astype(float)
          off = numpy.abs(wide @ wide.T - numpy.eye(len(ours))).max()
          gap = scipy.linalg.subspace_angles(wide.T, model.components_.astype(float).T).max()
          return f"orthonormal to {off:.1e}, largest subspace angle {gap:.1e}"
      def ratios(): return " ".join(repr(float(v)) for v in model.explained_variance_ratio_)
      """,
    environment: ["OPENBLAS_CORETYPE": core])
}

let engine = try Engine()
func fit(
  _ kind: Projection.Kind, isAligned: Bool = true, rows: Int = rows, engine: Engine = engine
) throws -> Projection {
  let fitter = try ProjectionFitter(
    dimensions: dimensions, target: target, kind: kind, isAligned: isAligned, engine: engine)
  try x.withUnsafeBufferPointer {
    try fitter.add(rows: UnsafeBufferPointer(rebasing: $0[..<(rows * dimensions)]), count: rows)
  }
  return try fitter.projection()
}

let solver = try rival(Rival.cores[0], ", svd_solver='covariance_eigh'")
// With so many components "as people write it" is the full solver, by singular values.
let plain = try rival(Rival.cores[0], "")
var ours: [Double] = []
var fastest: [Double] = []
var asWritten: [Double] = []
var notAligned: [Double] = []
for round in 0..<rounds {
  ours.append(try seconds { _ = try fit(.uncentered) })
  notAligned.append(try seconds { _ = try fit(.uncentered, isAligned: false) })
  fastest.append(solver.round() ?? .infinity)
  if round == 0 { asWritten.append(plain.round() ?? .infinity) }
}

let centered = try fit(.centered)
try centered.components.withUnsafeBytes { try Data($0).write(to: output) }
defer { try? FileManager.default.removeItem(at: output) }

print(
  "fit \(rows) × \(dimensions) → \(target), \(engine.threads) threads, \(engine.level.rawValue)")
print("  VectorFerry                  \(text(ours.min() ?? 0)) s, best of \(rounds)")
print("  PCA(svd_solver='covariance_eigh') \(text(fastest.min() ?? 0)) s")
print("  PCA(n_components=\(target))       \(text(asWritten.min() ?? 0)) s")
print(
  "  ratio                        \(ratio(fastest, ours)) × the fastest, "
    + "\(text((asWritten.min() ?? 0) / (ours.min() ?? 1))) × as written")
let whole = ours.min() ?? 0
print(
  "  turned towards the first coordinates in \(text(whole - (notAligned.min() ?? 0))) s, "
    + "\(text(100 * (1 - (notAligned.min() ?? 0) / whole), 0)) % of the fit (at most 25 wanted)")
let single = try Engine(threads: 1)
let small = try (0..<20).map { _ in
  try seconds { _ = try fit(.uncentered, rows: 50, engine: single) }
}.sorted()
print(
  "  a store of 50 rows on one thread: \(text(1000 * small[small.count / 2], 1)) ms, median "
    + "(under 10 wanted)")
for (name, rival) in [("full", plain), ("covariance_eigh", solver)] {
  let theirs = (rival.ask("ratios") ?? "").split(separator: " ").compactMap { Double($0) }
  let difference = zip(centered.energyRatios, theirs).map { abs($0 - $1) }.max() ?? .infinity
  print("  centred, beside \(name): explained variance ratios differ by \(difference) at most")
  print("    \(rival.ask("agreement") ?? "no answer")")
}
