import Foundation
import TestSupport
import Testing

/// Tests that a signal stops every command in the middle of a file that takes minutes to read.
@Suite(.needsServer)
struct StopTests {
  /// The size of a file that cannot be read in the time of a test; it takes eight kilobytes on the
  /// disk.
  fileprivate static let terabyte = 1 << 40

  /// Writes a pickled array of `rows` × 1024 Float32 zeros as a file with holes.
  private func writeArray(_ path: String, rows: Int) throws {
    try writeHoles(
      path, count: rows * 4096, before: Self.arrayHead(rows: rows, length: rows * 4096),
      after: Array("tb.".utf8))
  }

  fileprivate static func arrayHead(rows: Int, length: Int) -> [UInt8] {
    var head: [UInt8] = [0x80, 4]
    head += Array("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n".utf8)
    head += [0x4B, 0, 0x85, 0x43, 1, UInt8(ascii: "b"), 0x87, UInt8(ascii: "R")]
    head += [UInt8(ascii: "("), 0x4B, 1, 0x8A, 8]
    withUnsafeBytes(of: Int64(rows).littleEndian) { head += $0 }
    head += [0x4D, 0, 4, 0x86]
    head += Array("cnumpy\ndtype\n".utf8) + [0x8C, 2] + Array("f4".utf8) + [0x89, 0x88, 0x87]
    head += Array("R(".utf8) + [0x4B, 3, 0x8C, 1, UInt8(ascii: "<")] + Array("NNN".utf8)
    head += [0x4A, 255, 255, 255, 255, 0x4A, 255, 255, 255, 255, 0x4B, 0] + Array("tb".utf8)
    head += [0x89, 0x8E]
    withUnsafeBytes(of: Int64(length).littleEndian) { head += $0 }
    return head
  }

  /// Writes a file with a hole of `count` zeros between the given bytes.
  private func writeHoles(_ path: String, count: Int, before: [UInt8], after: [UInt8] = []) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    try #require(file >= 0 && write(file, before, before.count) == before.count)
    let end = before.count + count
    try #require(ftruncate(file, off_t(end)) == 0, "no file system for files of holes")
    #expect(pwrite(file, after, after.count, off_t(end)) == after.count)
  }

  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    return ferry
  }

  private func vectors(_ ferry: Ferry) -> String {
    ferry.folder.file("user_data/ann/vector_store_notes/vectors.pkl")
  }

  @Test(arguments: [["migrate", "--dry-run"], ["migrate"]])
  func `counts that cannot match are refused before a terabyte is read`(words: [String]) throws {
    let ferry = try ferry()
    try writeArray(vectors(ferry), rows: Self.terabyte / 4096)
    let run = try RunningFerry(
      Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(ended(run, within: 60))
    let outcome = try run.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(
      outcome.text.contains("268435456 vectors but 3 metadata entries"), "\(outcome.text)")
  }

  /// The opcodes around a terabyte of zeros that were never written.
  enum LongString: String, CaseIterable {
    case alone, ofAnArray, beyondAnArray, line

    fileprivate var ends: (before: [UInt8], after: [UInt8]) {
      func string(_ length: Int) -> [UInt8] {
        [0x8D] + withUnsafeBytes(of: Int64(length).littleEndian, Array.init)
      }
      let array = Array(
        StopTests.arrayHead(rows: StopTests.terabyte / 4096, length: 0).dropLast(9))
      let encoded = array + Array("c_codecs\nencode\n".utf8)
      let latin1: [UInt8] = [0x8C, 6] + Array("latin1".utf8) + [0x86] + Array("Rtb.".utf8)
      switch self {
      case .alone: return ([0x80, 4] + string(StopTests.terabyte), [0x2E])
      case .ofAnArray: return (encoded + string(StopTests.terabyte), latin1)
      case .beyondAnArray:
        return (encoded + string(StopTests.terabyte + 1), Array("x".utf8) + latin1)
      case .line: return (Array("(lp0\nV".utf8), Array("\n.".utf8))
      }
    }
  }

  @Test(arguments: LongString.allCases)
  func `a string of a terabyte that is nowhere on the disk is passed over`(what: LongString) throws
  {
    let ferry = try ferry()
    let (before, after) = what.ends
    try writeHoles(vectors(ferry), count: Self.terabyte, before: before, after: after)
    for words in [["scan"], ["doctor"], ["migrate", "--dry-run"], ["migrate"]] {
      let run = try RunningFerry(
        Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
      #expect(ended(run, within: 30), "\(words)")
      if run.isRunning { run.signal(SIGKILL) }
      let outcome = try run.finish()
      let expected: Set<Int32> = words == ["doctor"] ? [0, 1, 3, 4] : [1]
      #expect(expected.contains(outcome.status), "\(words): \(outcome.text)\(outcome.errorText)")
    }
  }

  @Test func `a file that is read for long is named, with how far it is`() throws {
    let ferry = try ferry()
    try writeArray(vectors(ferry), rows: Self.terabyte / 4096)
    let run = try ferry.start("--dry-run", "--allow-mismatch")
    let isTold = run.waitForError("Reading user_data/ann/vector_store_notes/vectors.pkl: ")
    #expect(isTold && run.errors.contains(" of 1.1 TB"), "\(run.errors)")
    run.signal(SIGTERM)
    #expect(ended(run, within: 15))
    #expect(try run.finish().status == 130)
  }

  /// The files that take minutes to read, each with a command that reads the file.
  enum Case: String, CaseIterable {
    case hashing, hashingForALiveRun, decrypting, comparing, verifyingABackup,
      restoringABackup, pruningBackups
  }

  @Test(arguments: Case.allCases, [SIGTERM])
  func `a signal ends a reading within seconds`(what: Case, signal: Int32) throws {
    let ferry = try ferry()
    let words = try prepare(what, ferry)
    let run = try RunningFerry(
      Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(busy(run), "\(run.errors)")
    run.signal(signal)
    #expect(ended(run, within: 15))
    if run.isRunning { run.signal(SIGKILL) }
    let outcome = try run.finish()
    #expect(outcome.status == 130, "\(outcome.text)\(outcome.errorText)")
    #expect(!outcome.text.contains("damaged"), "\(outcome.text)")
  }

  private func prepare(_ what: Case, _ ferry: Ferry) throws -> [String] {
    let metadata = ferry.folder.file("user_data/ann/vector_store_notes/metadata.json")
    switch what {
    case .hashing:
      try writeArray(vectors(ferry), rows: Self.terabyte / 4096)
      return ["migrate", "--dry-run", "--allow-mismatch"]
    case .hashingForALiveRun:
      try writeArray(vectors(ferry), rows: Self.terabyte / 4096)
      return ["migrate", "--allow-mismatch"]
    case .decrypting:
      #expect(try ferry.run().status == 0)
      // White space and zeros are ignored in base64; longer files with holes are refused.
      try writeHoles(metadata, count: (1 << 30) - 6, before: Array("gAAAAA".utf8))
      return ["verify"]
    case .comparing:
      #expect(try ferry.run("--allow-mismatch").status == 0)
      try writeArray(vectors(ferry), rows: Self.terabyte / 4096)
      return ["verify"]
    case .verifyingABackup, .restoringABackup, .pruningBackups:
      return try prepareBackup(what, ferry)
    }
  }

  private func prepareBackup(_ what: Case, _ ferry: Ferry) throws -> [String] {
    #expect(try ferry.run().status == 0)
    if what == .pruningBackups {
      try ferry.writeStore(rows: Ferry.rows(4), texts: Ferry.texts(4))
      #expect(try ferry.run().status == 0)
    }
    let root = ferry.folder.file("migration_backup")
    let runs = try FileManager.default.contentsOfDirectory(atPath: root)
      .filter { $0.hasPrefix("2") }.sorted()
    let newest = "\(root)/\(try #require(runs.last))"
    let copy = "\(newest)/ann/notes/vectors.pkl"
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int)
    #expect(truncate(copy, off_t(Self.terabyte)) == 0)
    let manifest = "\(newest)/manifest.json"
    var text = try String(contentsOfFile: manifest, encoding: .utf8)
    text.replace("\"bytes\": \(size),", with: "\"bytes\": \(Self.terabyte),")
    try text.write(toFile: manifest, atomically: true, encoding: .utf8)
    try Forgery.seal(manifest)
    switch what {
    case .restoringABackup: return ["backups", "restore", "2", "--to", "restored"]
    case .pruningBackups: return ["backups", "prune", "--keep", "1", "--yes"]
    default: return ["backups", "verify"]
    }
  }

  /// Returns true once the run has used the processor for some time, which shows that it reads its
  /// file.
  private func busy(_ run: RunningFerry) -> Bool {
    for _ in 0..<6000 {
      if !run.isRunning { return false }
      let line = (try? String(contentsOfFile: "/proc/\(run.processID)/stat", encoding: .utf8)) ?? ""
      let fields = line.split(separator: " ")
      // The fields are utime and stime, in ticks of 10 ms; the start of the program takes less than
      // this.
      if fields.count > 14, (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0) > 50 { return true }
      usleep(10_000)
    }
    return false
  }

  private func ended(_ run: RunningFerry, within seconds: Double) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while run.isRunning, Date() < end { usleep(5_000) }
    return !run.isRunning
  }
}
