import Foundation
import TestSupport
import Testing

/// Tests clocks that are behind the times of files, as with a file share that another machine
/// writes to.
@Suite(.needsServer)
struct ShiftedClockTests {
  private func shim(in folder: TemporaryDirectory) throws -> String {
    let library = folder.file("shifted-clock.so")
    let outcome = try TestSupport.run(
      "/usr/bin/env",
      [
        "clang", "-shared", "-fPIC", "-o", library,
        "\(Oracle.repository)/Tests/IntegrationTests/Fixtures/shifted-clock.c", "-ldl",
      ])
    try #require(outcome.status == 0, "\(outcome.errorText)")
    return library
  }

  @Test func `files from the future are waited for once, not store by store`() throws {
    let ferry = try Ferry()
    for number in 0..<12 {
      try ferry.writeStore(user: "u\(number)", rows: Ferry.rows(2), texts: Ferry.texts(2))
    }
    let library = try shim(in: ferry.folder)
    let began = Date()
    #expect(try ferry.run("--table", "other").status == 0)
    let plain = Date().timeIntervalSince(began)
    let start = Date()
    let outcome = try ferry.run(
      environment: ["LD_PRELOAD": library, "VECTOR_FERRY_QUIET_SECONDS": "2"])
    let taken = Date().timeIntervalSince(start)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts().count == 12)
    // A wait of two seconds for each store would be twenty-four seconds; a loaded machine may take
    // longer for the rest.
    #expect(taken - 2 * plain < 12, "\(taken) s, \(plain) s without")
    #expect(taken >= 2)
  }

  @Test(arguments: [8100, -2100])
  func `a clock whose year has not four digits is refused before anything is written`(
    years: Int
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    let clock = [
      "LD_PRELOAD": try shim(in: ferry.folder), "CLOCK_SHIFT": "\(years * 31_556_952)",
    ]
    let before = try contents(of: ferry.folder.file("migration_backup"))
    for words in [
      ["migrate", "--force"], ["migrate", "--dry-run"], ["backups", "dump"], ["backups", "list"],
      ["rollback", "--yes"],
    ] {
      let outcome = try ferry.run(command: words, environment: clock)
      #expect(outcome.status == 3, "\(words): \(outcome.text)\(outcome.errorText)")
      #expect(outcome.errorText.contains("the clock of this machine"), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("set the clock"), "\(outcome.errorText)")
    }
    #expect(try contents(of: ferry.folder.file("migration_backup")) == before)
    // The time is far in the future, with a year that can still be written.
    let far = clock.merging(["CLOCK_SHIFT": "\(7000 * 31_556_952)"]) { $1 }
    let dump = try ferry.run("backups", "dump", environment: far)
    #expect(dump.status == 0, "\(dump.text)\(dump.errorText)")
    #expect(try ferry.run("backups", "dump", "--list").text.contains("90"))
  }
}
