import Foundation

/// A Python process that runs the rival's side of a benchmark, one timed round per request.
///
/// The script defines `round()`; each call is timed inside Python, so that pipes cost nothing.
public final class Rival {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts the interpreter of the test environment with a script and environment variables.
  public init(
    script: String, arguments: [String] = [], environment: [String: String] = [:]
  ) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["VECTOR_FERRY_PYTHON"]
    let python =
      named
      ?? folder.appendingPathComponent(
        "../../../.vector-ferry/oracle/bin/python"
      ).path
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", script + Rival.loop] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    _ = line()
  }

  /// The names of OpenBLAS' kernels for this machine, the best first: it would end at once with those
  /// for AVX-512 where the processor has none.
  public static let cores: [String] = {
    let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return processor.contains("avx512f") ? ["SkylakeX", "Haswell"] : ["Haswell"]
  }()

  /// Seconds of one round; nil when the process has ended.
  public func round() -> Double? {
    input.fileHandleForWriting.write(Data("round\n".utf8))
    return line().flatMap { Double($0) }
  }

  /// Any line of text the script prints when asked for `name`.
  public func ask(_ name: String) -> String? {
    input.fileHandleForWriting.write(Data("\(name)\n".utf8))
    return line()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private func line() -> String? {
    var bytes: [UInt8] = []
    while let byte = output.fileHandleForReading.readData(ofLength: 1).first, byte != 10 {
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static let loop = """

    import sys, time
    print("ready", flush=True)
    for request in sys.stdin:
        name = request.strip()
        if name == "round":
            start = time.perf_counter()
            round()
            print(time.perf_counter() - start, flush=True)
        else:
            print(globals()[name](), flush=True)
    """
}

/// Seconds that a piece of work takes.
public func seconds(_ work: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let elapsed = try clock.measure(work)
  return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
}

/// The number given as the argument at `position`, or the default.
public func argument(_ position: Int, default value: Int) -> Int {
  CommandLine.arguments.count > position ? Int(CommandLine.arguments[position]) ?? value : value
}

/// A number with the given digits after the point.
public func text(_ value: Double, _ digits: Int = 2) -> String {
  String(format: "%.\(digits)f", value)
}

/// Floats of a normal distribution, the same for the same seed.
public func normals(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed
  func uniform() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) * 0x1p-24
  }
  return (0..<count).map { _ in
    var sum: Float = 0
    for _ in 0..<4 { sum += uniform() }
    return (sum - 2) * 1.7320508
  }
}

/// Memory for a matrix as NumPy has it: NumPy asks the system for huge pages for its arrays.
public func matrix(_ count: Int, _ values: [Float] = []) -> UnsafeMutableBufferPointer<Float> {
  let bytes = count * MemoryLayout<Float>.stride
  var raw: UnsafeMutableRawPointer?
  guard posix_memalign(&raw, 1 << 21, bytes) == 0, let raw else {
    preconditionFailure("no memory for a benchmark")
  }
  madvise(raw, bytes, Int32(MADV_HUGEPAGE))
  memset(raw, 0, bytes)
  let floats = UnsafeMutableBufferPointer(
    start: raw.bindMemory(to: Float.self, capacity: count), count: count)
  _ = floats.update(from: values)
  return floats
}

/// Waits until the other side's threads sleep: those of OpenBLAS spin for a while after a product,
/// on a core that the next one needs.
public func rest() { usleep(150_000) }

/// How many times faster `ours` is: of the best rounds, and the median over neighbouring rounds,
/// which says more on a machine that others use too.
public func ratio(_ theirs: [Double], _ ours: [Double]) -> String {
  let pairs = zip(theirs, ours).map { $0 / $1 }.sorted()
  let best = (theirs.min() ?? 0) / (ours.min() ?? 1)
  return "\(text(best)) (median of pairs \(text(pairs[pairs.count / 2])))"
}

/// Rows of length one that share a direction and whose spectrum decays, as embeddings do.
///
/// From coordinate `gap` on the spectrum falls to a tenth: only across a gap is the space of the
/// leading components determined well enough to be compared in Float32.
public func embeddings(_ rows: Int, _ dimensions: Int, gap: Int, seed: UInt64) -> [Float] {
  let mean = normals(dimensions, seed: seed &+ 1)
  var result = normals(rows * dimensions, seed: seed)
  result.withUnsafeMutableBufferPointer { result in
    for row in 0..<rows {
      var square: Float = 0
      for j in row * dimensions..<(row + 1) * dimensions {
        let place = j - row * dimensions
        let spread: Float = place < gap ? 1 : 0.1
        result[j] *= spread / (1 + Float(place) * 8 / Float(dimensions))
        result[j] += mean[place] * 0.5
        square += result[j] * result[j]
      }
      let factor = 1 / square.squareRoot()
      for j in row * dimensions..<(row + 1) * dimensions { result[j] *= factor }
    }
  }
  return result
}
