// Recall of reduced searches: ours beside an exact eigen-projection, centred PCA, truncation and
// random projection, all measured by NumPy. Arguments: rows, queries, folder for plots (with it,
// other targets than 2000 are measured too).
import Foundation
import Plots
import Rival
import VectorMath

let rows = argument(1, default: 12_000)
let queries = argument(2, default: 200)
let plots = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : nil
let dimensions = 3072
let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
  "fidelity-\(ProcessInfo.processInfo.processIdentifier)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }

func floats(_ name: String) throws -> [Float] {
  try Data(contentsOf: folder.appendingPathComponent("\(name).f32"), options: .alwaysMapped)
    .withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
}

func write(_ numbers: [Float], _ name: String) throws {
  try numbers.withUnsafeBytes { bytes in
    try Data(bytes).write(to: folder.appendingPathComponent("\(name).f32"))
  }
}

let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../fidelity.py").path
let rival = try Rival(
  script: try String(contentsOfFile: script, encoding: .utf8),
  arguments: [folder.path, "\(rows)", "\(queries)", "\(dimensions)"],
  // Its eigensolver takes twenty times as long with two threads as soon as others compute too.
  environment: ["OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "1"])
let x = try floats("rows")
let asked = try floats("queries")
let engine = try Engine()

/// Reduces rows and queries as the tool does, and leaves both for NumPy to measure.
@MainActor func reduce(to target: Int) throws -> Projection {
  let fitter = try ProjectionFitter(dimensions: dimensions, target: target, engine: engine)
  try x.withUnsafeBufferPointer { try fitter.add(rows: $0, count: rows) }
  let projection = try fitter.finish()
  var short = [Float](repeating: 0, count: rows * target)
  try x.withUnsafeBufferPointer { x in
    try short.withUnsafeMutableBufferPointer { short in
      try projection.transform(rows: x, count: rows, into: short, with: engine)
    }
  }
  try write(short, "short-rows")
  var shortQueries: [Float] = []
  for query in 0..<queries {
    let vector = Array(asked[query * dimensions..<(query + 1) * dimensions])
    shortQueries += try projection.reduceQuery(vector)
  }
  try write(shortQueries, "short-queries")
  return projection
}

let methods = [
  ("ours", "VectorFerry"), ("exact", "exact eigen-projection (NumPy)"), ("centred", "centred PCA"),
  ("truncated", "truncation"), ("projected", "random projection"),
]

/// Recall and largest change of a score of each method.
@MainActor func measure(_ target: Int) throws -> [(recall: Double, change: Double)] {
  _ = try reduce(to: target)
  var measured: [(recall: Double, change: Double)] = []
  for (method, _) in methods {
    let words = (rival.ask("\(method)_\(target)") ?? "").split(separator: " ")
    let numbers = words.compactMap { Double($0) }
    measured.append(numbers.count == 2 ? (numbers[0], numbers[1]) : (.nan, .nan))
  }
  return measured
}

let measured = try measure(2000)
print("fidelity \(rows) × \(dimensions) → 2000, \(queries) queries that are no rows")
print("  method                            recall@10   largest score change")
for (method, figures) in zip(methods, measured) {
  let name = method.1.padding(toLength: 32, withPad: " ", startingAt: 0)
  print("  \(name)  \(text(figures.recall, 4))      \(text(figures.change, 5))")
}
let gap = measured[0].recall - measured[1].recall
print("  ours against the exact one: \(text(gap, 4)) (at least -0.0020 wanted)")

if let plots {
  let targets = [500, 1000, 1500, 2000, 2500]
  let all = try targets.map { try $0 == 2000 ? measured : measure($0) }
  func series(_ value: ((recall: Double, change: Double)) -> Double, _ chosen: [Int])
    -> [LinePlot.Series]
  {
    chosen.map { method in
      LinePlot.Series(
        methods[method].1, zip(targets, all).map { (Double($0), value($1[method])) },
        colour: method)
    }
  }
  let horizontal = Axis("target dimensions", 500...2500, every: 500)
  let size = "\(rows) rows of \(dimensions) dimensions, \(queries) queries"
  // The exact eigen-projection would hide the line of ours.
  let recall = LinePlot(
    title: "Recall@10 after reduction: \(size)", horizontal: horizontal,
    vertical: Axis("recall@10", 0...1, every: 0.2, digits: 1),
    series: series(\.recall, [0, 2, 3, 4]), marksPoints: true)
  let change = LinePlot(
    title: "Largest change of a cosine: \(size)", horizontal: horizontal,
    vertical: Axis("largest change", 0...0.12, every: 0.02, digits: 2),
    series: series(\.change, [0, 3, 4]), marksPoints: true)
  for (name, plot) in [("recall", recall), ("score-change", change)] {
    try plot.svg.write(toFile: "\(plots)/\(name).svg", atomically: true, encoding: .utf8)
    print("  plot: \(plots)/\(name).svg")
  }
}
