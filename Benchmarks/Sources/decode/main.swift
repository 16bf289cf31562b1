// Times the way from a pickle on disk to a matrix of Float32, and the memory of a streamed read.
//
//   decode matrix FILE [THREADS]   seconds to check, seconds to convert into one matrix
//   decode once FILE               check and convert in one pass, reading the file
//   decode mapped FILE             the same, with the file mapped into memory
//   decode write FILE OUTPUT       the matrix itself, to be compared
//   decode stream FILE [ROWS]      the same in batches, then this process's peak memory

import Glibc
import Pickle
import PickleFiles

func seconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

// why: threads write disjoint rows only.
struct Matrix: ~Copyable, @unchecked Sendable {
  let numbers: UnsafeMutableBufferPointer<Float>

  /// Asks for memory in huge pages, as NumPy does.
  init(count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 2 << 20)
    madvise(bytes, count * 4, MADV_HUGEPAGE)
    numbers = UnsafeMutableBufferPointer(
      start: bytes.bindMemory(to: Float.self, capacity: count), count: count)
  }

  deinit { numbers.deallocate() }

  func rows(_ rows: Range<Int>, width: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      rebasing: numbers[rows.lowerBound * width..<rows.upperBound * width])
  }
}

func readMatrix(_ source: some PickleSource, threads: Int) async throws {
  let begin = seconds()
  let matrix = Matrix(count: source.count / 9 + 1)
  let rows = try PickledRows(source: source)
  let checked = seconds()
  guard let width = rows.uniformWidth else { return print("rows of different widths") }
  let share = (rows.rowCount + threads - 1) / threads
  if threads == 1 {
    try rows.read(rows: 0..<rows.rowCount, into: matrix.rows(0..<rows.rowCount, width: width))
  } else {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for first in stride(from: 0, to: rows.rowCount, by: share) {
        let part = first..<min(first + share, rows.rowCount)
        let address = UInt(bitPattern: matrix.rows(part, width: width).baseAddress)
        group.addTask {
          let start = UnsafeMutablePointer<Float>(bitPattern: address)
          try rows.read(
            rows: part, into: UnsafeMutableBufferPointer(start: start, count: part.count * width))
        }
      }
      try await group.waitForAll()
    }
  }
  let end = seconds()
  print(
    "rows \(rows.rowCount) width \(width) bytes \(source.count) "
      + "check \(checked - begin) read \(end - checked) total \(end - begin) "
      + "cpu \(seconds(CLOCK_PROCESS_CPUTIME_ID))")
}

/// Checks and converts in one pass, while a second thread goes ahead and prepares the pages:
/// clearing them takes the kernel as long as decoding into them.
func readAtOnce(_ source: some PickleSource) throws {
  let begin = seconds()
  let matrix = Matrix(count: source.count / 9 + 1)
  let preparation = Preparation(of: UnsafeMutableRawBufferPointer(matrix.numbers), source.contents)
  let (rows, isConverted) = try PickledRows.open(source: source, convertingInto: matrix.numbers)
  let end = seconds()
  _ = consume preparation
  print(
    "rows \(rows.rowCount) width \(rows.uniformWidth ?? 0) bytes \(source.count) "
      + "converted \(isConverted) total \(end - begin) "
      + "cpu \(seconds(CLOCK_PROCESS_CPUTIME_ID))")
}

func stream(_ source: FileBytes, batch: Int) throws {
  let begin = seconds()
  let rows = try PickledRows(source: source)
  guard let width = rows.uniformWidth else { return print("rows of different widths") }
  let matrix = Matrix(count: batch * width)
  var sum: Float = 0
  for first in stride(from: 0, to: rows.rowCount, by: batch) {
    let part = first..<min(first + batch, rows.rowCount)
    try rows.read(rows: part, into: matrix.rows(0..<part.count, width: width))
    sum += matrix.numbers[0]
  }
  let took = seconds() - begin
  print(
    "rows \(rows.rowCount) width \(width) bytes \(source.count) total \(took) "
      + "peak \(peakMemory()) KiB (first column adds up to \(sum))")
}

func write(_ source: FileBytes, to path: String) throws {
  let rows = try PickledRows(source: source)
  guard let width = rows.uniformWidth, let file = fopen(path, "wb") else {
    return print("cannot write \(path)")
  }
  defer { fclose(file) }
  let matrix = Matrix(count: rows.rowCount * width)
  try rows.read(rows: 0..<rows.rowCount, into: matrix.numbers)
  fwrite(matrix.numbers.baseAddress, 4, matrix.numbers.count, file)
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let source = FileBytes(path: arguments[2]) else {
  print("usage: decode matrix|once|mapped|write|stream FILE [THREADS|OUTPUT|ROWS]")
  exit(2)
}
let number = arguments.count > 3 ? Int(arguments[3]) : nil
do {
  switch arguments[1] {
  case "stream": try stream(source, batch: number ?? 256)
  case "once": try readAtOnce(source)
  case "mapped":
    guard let mapped = MappedFile(path: arguments[2]) else { exit(2) }
    try readAtOnce(mapped)
  case "write": try write(source, to: arguments.last ?? "")
  default: try await readMatrix(source, threads: number ?? 1)
  }
} catch {
  print("refused: \(error)")
  exit(1)
}
