// Reducing rows against NumPy's matrix product. Arguments: rows, dimensions, target, rounds.
import Foundation
import Rival
import VectorMath

let rows = argument(1, default: 100_000)
let dimensions = argument(2, default: 3072)
let target = argument(3, default: 2000)
let rounds = argument(4, default: 5)
let batch = 4000

let engine = try Engine()
let x = UnsafeBufferPointer(matrix(batch * dimensions, normals(batch * dimensions, seed: 1)))
let projection = try Projection(
  kind: .uncentered, inputDimensions: dimensions, outputDimensions: target,
  components: normals(target * dimensions, seed: 2),
  energies: Array(repeating: 1, count: target), totalEnergy: Double(target), fittedRows: 0,
  isExact: false)
let y = matrix(batch * target)

let rival = try Rival(
  script: """
    import numpy
    random = numpy.random.default_rng(1)
    x = random.standard_normal((\(batch), \(dimensions)), dtype=numpy.float32)
    w = random.standard_normal((\(target), \(dimensions)), dtype=numpy.float32).T
    y = numpy.empty((\(batch), \(target)), dtype=numpy.float32)
    def round():
        for first in range(0, \(rows), \(batch)): numpy.matmul(x, w, out=y)
    """,
  environment: ["OPENBLAS_CORETYPE": Rival.cores[0]])

var ours: [Double] = []
var theirs: [Double] = []
for _ in 0..<rounds {
  rest()
  ours.append(
    try seconds {
      for _ in stride(from: 0, to: rows, by: batch) {
        try projection.transform(rows: x, count: batch, into: y, with: engine)
      }
    })
  rest()
  theirs.append(rival.round() ?? .infinity)
}
print(
  "transform \(rows) × \(dimensions) → \(target), \(engine.threads) threads, "
    + engine.level.rawValue)
print("  VectorFerry  \(text(ours.min() ?? 0)) s, best of \(rounds)")
print("  NumPy        \(text(theirs.min() ?? 0)) s")
print("  ratio        \(ratio(theirs, ours)) ×")
