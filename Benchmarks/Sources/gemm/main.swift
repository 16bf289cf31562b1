// Float32 matrix product against NumPy's (OpenBLAS). Arguments: size, rounds.
import Foundation
import Rival
import VectorMath

let size = argument(1, default: 3072)
let rounds = argument(2, default: 10)
let a = UnsafeBufferPointer(matrix(size * size, normals(size * size, seed: 1)))
let b = UnsafeBufferPointer(matrix(size * size, normals(size * size, seed: 2)))
let c = matrix(size * size)
let work = 2 * Double(size) * Double(size) * Double(size) / 1e9

for threads in [1, 2] {
  let engine = try Engine(threads: threads)
  let rivals = try Rival.cores.map { core in
    (
      core,
      try Rival(
        script: """
          import numpy
          random = numpy.random.default_rng(1)
          a = random.standard_normal((\(size), \(size)), dtype=numpy.float32)
          b = random.standard_normal((\(size), \(size)), dtype=numpy.float32)
          c = numpy.empty_like(a)
          def round(): numpy.matmul(a, b, out=c)
          """,
        environment: ["OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": "\(threads)"])
    )
  }
  var ours: [Double] = []
  var theirs = rivals.map { _ in [Double]() }
  for _ in 0..<rounds {
    rest()
    ours.append(
      seconds { engine.product(a, b, rows: size, depth: size, columns: size, into: c) })
    for (index, rival) in rivals.enumerated() {
      rest()
      theirs[index].append(rival.1.round() ?? .infinity)
    }
  }
  print("gemm \(size)³ Float32, \(threads) thread(s), \(engine.level.rawValue), best of \(rounds)")
  print("  VectorFerry        \(text(work / (ours.min() ?? 1), 1)) GFLOP/s")
  for (index, rival) in rivals.enumerated() {
    print(
      "  OpenBLAS \(rival.0)  \(text(work / (theirs[index].min() ?? 1), 1)) GFLOP/s, "
        + "ratio \(ratio(theirs[index], ours))")
  }
}
