import Foundation
import TestSupport
import Testing

/// A program that ends by a fault says one sentence first, and the store at hand stays as it was.
@Suite(.enabled(if: TestServer.isAvailable, "no PostgreSQL with pgvector at hand"))
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
      outcome.errorText.contains("stopped by a fault of its own or for want of memory"),
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
    // 16 × 9,000² numbers and more: four times what the limit below leaves.
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
}
