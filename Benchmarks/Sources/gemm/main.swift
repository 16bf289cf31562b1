// Float32 matrix product against NumPy's (OpenBLAS). Arguments: size, rounds.
import Foundation
import Rival
import VectorMath

let size = argument(1, default: 3072)
let rounds = argument(2, default: 10)
let a = normals(size * size, seed: 1)
let b = normals(size * size, seed: 2)
var c = [Float](repeating: 0, count: size * size)
let work = 2 * Double(size) * Double(size) * Double(size) / 1e9

for threads in [1, 2] {
  let engine = try Engine(threads: threads)
  let rivals = try ["SkylakeX", "Haswell"].map { core in
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
  var ours = Double.infinity
  var theirs = Array(repeating: Double.infinity, count: rivals.count)
  for _ in 0..<rounds {
    let elapsed = seconds {
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          c.withUnsafeMutableBufferPointer { c in
            engine.product(a, b, rows: size, depth: size, columns: size, into: c)
          }
        }
      }
    }
    ours = min(ours, elapsed)
    for (index, rival) in rivals.enumerated() {
      theirs[index] = min(theirs[index], rival.1.round() ?? .infinity)
    }
  }
  let best = theirs.min() ?? .infinity
  print("gemm \(size)³ Float32, \(threads) thread(s), \(engine.level.rawValue), best of \(rounds)")
  print("  VectorFerry       \(text(work / ours, 1)) GFLOP/s")
  for (index, rival) in rivals.enumerated() {
    print("  OpenBLAS \(rival.0)  \(text(work / theirs[index], 1)) GFLOP/s")
  }
  print("  ratio             \(text(best / ours)) × the faster of them")
}
