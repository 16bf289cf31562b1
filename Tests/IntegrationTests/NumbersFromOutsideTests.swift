import Foundation
import Postgres
import SQLite
import TestSupport
import Testing

/// Tests numbers from the file system, a manifest or the journal, which anybody can have written:
/// no number ends the program without a message.
@Suite(.needsServer)
struct NumbersFromOutsideTests {
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(20), texts: Ferry.texts(20))
    return ferry
  }

  private func run(_ words: [String], _ ferry: Ferry) throws -> ProcessOutcome {
    try TestSupport.run(
      Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
  }

  /// Sets the time of every file in the user data.
  private func touch(_ ferry: Ferry, seconds: Int) throws {
    let root = ferry.folder.file("user_data")
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
      let times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: 999_999_999), count: 2)
      #expect(utimensat(AT_FDCWD, "\(root)/\(path)", times, 0) == 0)
    }
  }

  @Test(
    .enabled(if: MountedDisk.isPossible, "mounting needs root"),
    arguments: [9_214_646_400, Int.max, Int.min])
  func `file times of any year are read, shown and compared`(seconds: Int) throws {
    let ferry = try Ferry()
    // A file system in memory keeps times in 64 bits; on most disks, times end in 2446 or 2486.
    let disk = try MountedDisk(at: ferry.folder.file("user_data"), options: "size=8m")
    try ferry.writeStore(rows: Ferry.rows(20), texts: Ferry.texts(20))
    try touch(ferry, seconds: seconds)
    let scan = try ferry.run("scan")
    #expect(scan.status == 0, "\(scan.text)\(scan.errorText)")
    let doctor = try ferry.run("doctor")
    #expect([0, 3].contains(doctor.status), "\(doctor.text)\(doctor.errorText)")
    #expect(try ferry.run("--dry-run").status == 0)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 20])
    // The existing files are newer than the backup where their times say so.
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    try touch(ferry, seconds: seconds)
    let plan = try ferry.run("rollback", "--files", "--dry-run")
    #expect(
      plan.text.contains("newer than the backup") == (seconds > Int(time(nil))), "\(plan.text)")
    withExtendedLifetime(disk) {}
  }

  @Test(.enabled(if: MountedDisk.isPossible, "mounting needs root"))
  func `sizes beyond all disks are added up`() throws {
    let ferry = try Ferry()
    let disk = try MountedDisk(at: ferry.folder.file("user_data"), options: "size=8m")
    for user in ["ann", "bob", "eve"] {
      try ferry.writeStore(user: user, rows: Ferry.rows(4), texts: Ferry.texts(4))
      for file in ["vectors.pkl", "metadata.json"] {
        let path = ferry.folder.file("user_data/\(user)/vector_store_notes/\(file)")
        #expect(truncate(path, 1 << 62) == 0)
      }
    }
    for words in [["scan"], ["scan", "--json"], ["doctor"]] {
      let outcome = try run(words, ferry)
      #expect([1, 3].contains(outcome.status), "\(outcome.text)\(outcome.errorText)")
    }
    for words in [["--dry-run"], ["--no-backup"], []] {
      let outcome = try run(["migrate"] + words, ferry)
      #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.text.contains("more byte(s) follow the end"), "\(outcome.text)")
    }
    withExtendedLifetime(disk) {}
  }

  /// Replaces a number in the manifest, and writes the checksum of the new text.
  private func forge(_ ferry: Ferry, bytes: String) throws {
    let root = ferry.folder.file("migration_backup")
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: root).first { $0.hasPrefix("2") })
    let path = "\(root)/\(run)/manifest.json"
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text.replace(/"bytes": [0-9]+/, with: "\"bytes\": \(bytes)")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try Forgery.seal(path)
  }

  @Test(
    arguments: [
      "9223372036854775807", "1152921504606846976", "-1",
    ])
  func `a manifest's sizes are refused where they are nonsense`(bytes: String) throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    try forge(ferry, bytes: bytes)
    let listed = try ferry.run("backups", "list")
    #expect(listed.status == 1, "\(listed.text)\(listed.errorText)")
    let verified = try ferry.run("backups", "verify")
    #expect(verified.status == 4, "\(verified.text)\(verified.errorText)")
    if bytes.hasPrefix("9") {
      #expect(listed.errorText.contains("more than a file can have"), "\(listed.errorText)")
    }
    let pruned = try ferry.run(
      "backups", "prune", "--older-than", "36500", "--keep", "1", "--yes")
    #expect(pruned.status == 0, "\(pruned.text)\(pruned.errorText)")
  }

  @Test func `integers of ledger and journal may be anything`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    var generator = SeededGenerator(seed: 2262)
    let journal = ferry.folder.file("migration_backup/journal.sqlite")
    for round in 0..<(Oracle.isFullRun ? 100 : 2) {
      let number =
        [Int.max, Int.min, -1][round % 3]
        ^ (round < 3 ? 0 : Int.random(in: 0...99, using: &generator))
      try ferry.database.connect().query(
        "UPDATE vector_ferry.stores SET documents = \(number)")
      let set = ["started_at", "finished_at", "documents", "vectors", "dimensions"]
        .map { "\($0) = \(number)" }.joined(separator: ", ")
      let runs = ["started_at", "finished_at", "pid", "exit_status"]
        .map { "\($0) = \(number)" }.joined(separator: ", ")
      try Database(path: journal, mode: .readWrite).execute(
        "UPDATE stores SET \(set); UPDATE runs SET \(runs);")
      for words in [
        ["status"], ["history"], ["status", "--json"], ["history", "--json"], ["verify"],
        ["rollback", "--dry-run"], ["migrate"], ["migrate", "--dry-run"],
        ["migrate", "--dry-run", "--force"], ["migrate", "--force"],
      ] {
        let outcome = try run(words, ferry)
        #expect(outcome.status >= 0 && outcome.status < 128, "\(words) \(outcome.errorText)")
        #expect(!outcome.errorText.contains("stopped by an error"), "\(words) \(outcome.errorText)")
      }
    }
  }
}
