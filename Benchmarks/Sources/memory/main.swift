// Peak memory of fitting and reducing a file of rows in batches. Arguments: rows, dimensions,
// target.
import Foundation
import Rival
import VectorMath

let rows = argument(1, default: 100_000)
let dimensions = argument(2, default: 3072)
let target = argument(3, default: 2000)
let batch = 1000

let folder = FileManager.default.temporaryDirectory
let input = folder.appendingPathComponent("memory-input.f32").path
let output = folder.appendingPathComponent("memory-output.f32").path
defer {
  try? FileManager.default.removeItem(atPath: input)
  try? FileManager.default.removeItem(atPath: output)
}

/// Calls `body` with one batch of the input after the other.
func eachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
  guard let file = fopen(input, "r") else { throw CocoaError(.fileReadUnknown) }
  defer { fclose(file) }
  var buffer = [Float](repeating: 0, count: batch * dimensions)
  while true {
    let read = fread(&buffer, 4, buffer.count, file)
    if read == 0 { return }
    try buffer.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[..<read]), read / dimensions)
    }
  }
}

guard let file = fopen(input, "w") else { throw CocoaError(.fileWriteUnknown) }
for first in stride(from: 0, to: rows, by: batch) {
  let count = min(batch, rows - first)
  let block = embeddings(count, dimensions, gap: target, seed: UInt64(first + 1))
  fwrite(block, 4, block.count, file)
}
fclose(file)

let engine = try Engine()
let fitter = try ProjectionFitter(dimensions: dimensions, target: target, engine: engine)
let fitSeconds = try seconds { try eachBatch { try fitter.add(rows: $0, count: $1) } }
var fitted: Projection?
let solveSeconds = try seconds { fitted = try fitter.projection() }
guard let projection = fitted, let result = fopen(output, "w") else {
  throw CocoaError(.fileWriteUnknown)
}
var short = [Float](repeating: 0, count: batch * target)
let transformSeconds = try seconds {
  try eachBatch { rows, count in
    try short.withUnsafeMutableBufferPointer { short in
      let part = UnsafeMutableBufferPointer(rebasing: short[..<(count * target)])
      try projection.transform(rows: rows, count: count, into: part, with: engine)
      fwrite(part.baseAddress, 4, part.count, result)
    }
  }
}
fclose(result)

let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? "VmHWM: unknown"
print("fit and transform \(rows) × \(dimensions) → \(target) from disk")
print(
  "  moments \(text(fitSeconds)) s, eigenvectors \(text(solveSeconds)) s, "
    + "transform \(text(transformSeconds)) s")
print("  captured energy \(text(projection.capturedEnergy ?? 0, 4))")
print("  peak memory (\(peak.filter { $0 != "\t" }))")
