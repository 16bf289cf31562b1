// Reads every file of a folder as pickled vectors and says what became of them.
//
//   pickle-corpus FOLDER [--all-refused]
//
// Exits 1 where the decoder contradicts itself, where it took more memory than four times the
// largest file and 64 MiB, or, with --all-refused, where it accepted a file.

import Glibc
import Pickle
import PickleFiles

struct Tally {
  var accepted: [String] = []
  var refused: [String: Int] = [:]
  var contradictions: [String] = []
  var largest = 0
}

/// The first words of a refusal, without names and numbers of the one file.
func reason(_ error: PickleError) -> String {
  switch error.kind {
  case .truncated: "truncated"
  case .trailingBytes: "trailing bytes"
  case .opcodeNotAllowed: "opcode not allowed"
  case .unknownOpcode: "unknown opcode"
  case .globalNotAllowed: "name not allowed"
  case .malformed: "malformed"
  case .unsupported: "unsupported"
  case .notRows: "not rows"
  case .limit: "limit"
  case .notFinite: "not finite"
  case .unreadable: "unreadable"
  case .interrupted: "interrupted"
  }
}

/// Reads all rows at once and one by one; returns what differs.
func contradiction(_ rows: PickledRows) throws(PickleError) -> String? {
  var widths: [Int] = []
  for row in 0..<rows.rowCount { widths.append(rows.width(ofRow: row)) }
  let all = UnsafeMutableBufferPointer<Float>.allocate(capacity: widths.reduce(0, +))
  let one = UnsafeMutableBufferPointer<Float>.allocate(capacity: widths.max() ?? 0)
  defer {
    all.deallocate()
    one.deallocate()
  }
  try rows.read(rows: 0..<rows.rowCount, into: all)
  var start = 0
  for row in 0..<min(rows.rowCount, 100) {
    try rows.read(rows: row..<row + 1, into: one)
    for column in 0..<widths[row] where all[start + column].bitPattern != one[column].bitPattern {
      return "row \(row), column \(column) differs between two ways of reading it"
    }
    start += widths[row]
  }
  for number in all where !number.isFinite { return "it gave the number \(number)" }
  return nil
}

func examine(_ path: String, _ tally: inout Tally) {
  guard let source = FileBytes(path: path) else {
    tally.refused["not a file", default: 0] += 1
    return
  }
  tally.largest = max(tally.largest, source.count)
  _ = try? PickledRows.peek(source: source)
  _ = try? PickleValue(source: source)
  do throws(PickleError) {
    let rows = try PickledRows(source: source)
    if let problem = try contradiction(rows) { tally.contradictions.append("\(path): \(problem)") }
    tally.accepted.append(path)
  } catch {
    tally.refused[reason(error), default: 0] += 1
  }
}

func names(in folder: String) -> [String]? {
  guard let directory = opendir(folder) else { return nil }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

let arguments = CommandLine.arguments
guard arguments.count >= 2, let files = names(in: arguments[1]) else {
  print("usage: pickle-corpus FOLDER [--all-refused]")
  exit(2)
}
let before = peakMemory()
var tally = Tally()
for name in files { examine("\(arguments[1])/\(name)", &tally) }
print("\(files.count) files, \(tally.accepted.count) accepted")
for (reason, count) in tally.refused.sorted(by: { $0.value > $1.value }) {
  print("  refused, \(reason): \(count)")
}
for problem in tally.contradictions { print("contradiction: \(problem)") }
let grown = (peakMemory() - before) << 10
let allowed = 4 * tally.largest + (64 << 20)
print("memory grew by \(grown >> 10) KiB, allowed are \(allowed >> 10) KiB")
var failed = !tally.contradictions.isEmpty || grown > allowed
if arguments.contains("--all-refused") {
  for path in tally.accepted { print("accepted: \(path)") }
  failed = failed || !tally.accepted.isEmpty
}
exit(failed ? 1 : 0)
