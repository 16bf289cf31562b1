import Foundation
import TestSupport
import Testing

/// Tests that a program that ends by a fault prints one sentence first, and that the present store
/// stays unchanged.
@Suite(.needsServer)
struct LastWordsTests {
  @Test(arguments: [SIGILL, SIGABRT, SIGSEGV])
  func `a fault is said, and nothing of the store was committed`(signal: Int32) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let run = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(run.waitForError("paused at before-commit"), "\(run.errors)")
    run.signal(signal)
    let outcome = try run.finish()
    #expect(outcome.status == -signal, "\(outcome.errorText)")
    #expect(
      outcome.errorText.contains("stopped by an error of the program or a lack of memory"),
      "\(outcome.errorText)")
    try ferry.settle()
    #expect(try ferry.counts() == [:])
    if signal == SIGABRT { #expect(try ferry.run().status == 0) }
  }

  @Test(.enabled(if: FailingCalls.isPossible), arguments: [1, 2, 5, 12])
  func `memory that is not there before the program has begun is said, too`(call: Int) throws {
    let folder = try TemporaryDirectory("early")
    let mark = folder.file("mark")
    let outcome = try TestSupport.run(
      Ferry.binary, ["--version"],
      environment: Ferry.clean(
        "", FailingCalls.failing(.malloc, at: call, always: true, below: folder.path, mark: mark)),
      directory: folder.path)
    #expect(FileManager.default.fileExists(atPath: mark))
    #expect(outcome.status != 0)
    #expect(outcome.errorText.contains("memory"), "\(outcome.status) \(outcome.errorText)")
  }

  @Test func `memory that is not there for a fit refuses the store by name`() throws {
    let ferry = try Ferry()
    // The fit needs more than 16 × 9,000² bytes, four times the memory that the limit below leaves.
    try ferry.writeStore(rows: Ferry.rows(60, dimensions: 9000), texts: Ferry.texts(60))
    let outcome = try TestSupport.run(
      "/bin/bash",
      [
        "-c",
        "ulimit -v 700000; exec \(Ferry.binary) migrate --dry-run --dimensions 50 --jobs 1",
      ],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.status != 0)
    #expect(
      (outcome.text + outcome.errorText).contains("memory"), "\(outcome.text)\(outcome.errorText)")
  }

  @Test func `the sentence comes alone, without the words of Swift's own runtime`() throws {
    let ferry = try Ferry()
    // Each of the million rows takes sixteen bytes while rows are counted.
    let row = Array("](G".utf8) + [0x3F, 0xF0, 0, 0, 0, 0, 0, 0] + Array("e".utf8)
    var pickle = [0x80, 4] + Array("](".utf8)
    pickle.reserveCapacity(row.count * 1_000_000 + 8)
    for _ in 0..<1_000_000 { pickle += row }
    try ferry.folder.write(
      pickle + Array("e.".utf8), to: "user_data/ann/vector_store_notes/vectors.pkl")
    try ferry.folder.write(
      Array("[{}]".utf8), to: "user_data/ann/vector_store_notes/metadata.json")
    var codes: Set<Int32> = []
    for limit in [60_000, 70_000] {
      let outcome = try TestSupport.run(
        "/bin/bash",
        [
          "-c",
          "ulimit -v \(limit); exec \(Ferry.binary) migrate --dry-run --quiet --allow-mismatch",
        ],
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      guard outcome.status < 0 else { continue }
      codes.insert(128 - outcome.status)
      let lines = outcome.errorText.split(separator: "\n").filter { !$0.hasPrefix("warning:") }
      #expect(lines.count == 1, "\(limit): \(outcome.errorText)")
      #expect(lines.first?.contains("a lack of memory") == true, "\(outcome.errorText)")
    }
    #expect(!codes.isEmpty, "no limit was met")
    #expect(codes.isSubset(of: ExitCodeTable.named), "\(codes) are in no table")
  }

  @Test func `the exit codes of faults are in the tables of README and of help`() throws {
    #expect(ExitCodeTable.named.isSuperset(of: [132, 133, 134, 135, 136, 137, 139]))
    let help = try TestSupport.run(Ferry.binary, ["--help"], environment: Ferry.clean("", [:]))
    #expect(help.text.contains("132–136, 139"), "\(help.text)")
  }
}

/// The exit codes in the table of README.
private enum ExitCodeTable {
  static var named: Set<Int32> {
    let text =
      (try? String(contentsOfFile: "\(Oracle.repository)/README.md", encoding: .utf8)) ?? ""
    let table = text.components(separatedBy: "| exit code | meaning |").last ?? ""
    let rows = table.components(separatedBy: "\n\n").first ?? ""
    var codes: Set<Int32> = []
    for row in rows.split(separator: "\n") {
      let first = row.split(separator: "|").first ?? ""
      for part in first.split(separator: ",") {
        let ends = part.split(separator: "–").compactMap {
          Int32($0.trimmingCharacters(in: .whitespaces))
        }
        if let low = ends.first, let high = ends.last { codes.formUnion(low...high) }
      }
    }
    return codes
  }
}
