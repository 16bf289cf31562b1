import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that a run is live only where the command line, as it was typed, says so.
@Suite(.needsServer)
struct AccidentalRunTests {
  /// True where this process may start a child without /proc.
  static let mayHideProc: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? withoutProc(["/bin/true"]).status) == 0
  }()

  /// Runs a program in a file system that has no /proc.
  private static func withoutProc(
    _ words: [String], environment: [String: String] = [:], directory: String? = nil
  ) throws -> ProcessOutcome {
    let hide = "umount -l /proc && test ! -e /proc/self && exec \"$@\""
    return try TestSupport.run(
      "/usr/bin/unshare", ["-m", "--propagation", "private", "/bin/sh", "-c", hide, "sh"] + words,
      environment: environment, directory: directory)
  }

  private func run(_ ferry: Ferry, _ words: [String]) throws -> ProcessOutcome {
    try Self.withoutProc(
      [Ferry.binary] + words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
  }

  private func scene() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_legacy-notes")
    return ferry
  }

  private func isUntouched(_ ferry: Ferry) throws -> Bool {
    try ferry.scalar(
      """
      SELECT to_regclass('vector_documents') IS NULL AND to_regnamespace('vector_ferry') IS NULL
      """) == true
  }

  @Test(
    .enabled(if: mayHideProc, "only root can run a program without /proc"),
    arguments: [
      (["--version"], "vector-ferry 0", 0), (["--help"], "Usage", 0), ([], "Usage", 0),
      (["help", "migrate"], "--dry-run", 0), (["scan"], "legacy-notes", 0),
      (["migrate", "--dry-run"], "Inserts 60 documents", 0), (["--dry-run"], "", 2),
      (["--yes"], "", 2), (["doctor"], "connection", 0), (["status"], "", nil),
    ] as [([String], String, Int32?)])
  func `without /proc each command does what it says, and writes nothing`(
    words: [String], shown: String, status: Int32?
  ) throws {
    let ferry = try scene()
    let before = try contents(of: ferry.folder.path)
    let outcome = try run(ferry, words)
    if let status { #expect(outcome.status == status, "\(outcome.text)\(outcome.errorText)") }
    #expect(shown.isEmpty || outcome.text.contains(shown), "\(outcome.text)")
    #expect(try isUntouched(ferry))
    #expect(try contents(of: ferry.folder.path) == before)
  }

  @Test(.enabled(if: mayHideProc, "only root can run a program without /proc"))
  func `without /proc a server that runs is known to run, and keeps its files`() throws {
    let folder = try TemporaryDirectory("blind")
    let environment = Ferry.clean("", [:])
    func ferry(_ words: String...) throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, words, environment: environment, directory: folder.path)
    }
    #expect(try ferry("server", "start").status == 0)
    defer { _ = try? ferry("server", "stop") }
    let before = try ferry("server", "status").text
    for command in [["doctor"], ["server", "status"]] {
      let outcome = try Self.withoutProc(
        [Ferry.binary] + command, environment: environment, directory: folder.path)
      #expect(outcome.status >= 0, "\(outcome.errorText)")
      if command[0] == "server" { #expect(outcome.text == before) }
    }
    #expect(try ferry("server", "status").text == before)
  }

  @Test(.enabled(if: mayHideProc, "only root can run a program without /proc"))
  func `a live run without /proc writes the stores that it was asked for, and no others`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let outcome = try run(ferry, ["migrate", "--collection", "legacy-notes"])
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["willow/legacy-notes": 60])
  }

  @Test(arguments: [
    [], ["--dry-run"], ["--user", "willow"], ["--yes"], ["--", "migrate"], ["--json"], [""],
  ])
  func `a command line without a command writes nothing`(words: [String]) throws {
    let ferry = try scene()
    let outcome = try TestSupport.run(
      Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == (words.isEmpty ? 0 : 2))
    if words.isEmpty { #expect(outcome.text.contains("Usage")) }
    #expect(try isUntouched(ferry))
  }

  @Test(.needsPython)
  func `a program that is started without any word writes nothing`() throws {
    let ferry = try scene()
    let script = """
      import ctypes, os, sys
      os.chdir(sys.argv[2])
      ctypes.CDLL(None).execv(sys.argv[1].encode(), (ctypes.c_char_p * 1)(None))
      """
    let python = try #require(Oracle.python)
    let outcome = try TestSupport.run(
      python, ["-c", script, Ferry.binary, ferry.folder.path],
      environment: Ferry.clean(ferry.database.url, [:]))
    // The kernel passes one empty word since Linux 5.18, and no word before.
    #expect(outcome.status == 0 || outcome.status == 2, "\(outcome.errorText)")
    #expect(try isUntouched(ferry))
  }
}

/// Tests that a person at a terminal is asked before a database is written to for the first time.
@Suite(
  .needsServer,
  .needsPython)
struct FirstRunQuestionTests {
  private static let question = "No run has been made into this database yet"

  private func scene() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_legacy-notes")
    return ferry
  }

  @Test(arguments: ["n\n", "\n", "maybe\nno\n", "\u{4}", "\u{3}"])
  func `whatever is not yes leaves everything as it was`(answer: String) throws {
    let ferry = try scene()
    let before = try contents(of: ferry.folder.path)
    let outcome = try ferry.runAtTerminal(["migrate"], answer: answer)
    #expect(outcome.status == (answer == "\u{3}" ? 130 : 3), "\(outcome.text)")
    #expect(outcome.text.contains(Self.question))
    #expect(outcome.text.contains("1 store with 60 documents to table public.vector_documents"))
    #expect(outcome.text.contains("nothing was written"))
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
    #expect(try contents(of: ferry.folder.path) == before)
  }

  @Test func `yes runs, and the next run asks no more`() throws {
    let ferry = try scene()
    let first = try ferry.runAtTerminal(["migrate"], answer: "y\n")
    #expect(first.status == 0, "\(first.text)")
    #expect(try ferry.counts() == ["willow/legacy-notes": 60])
    let second = try ferry.runAtTerminal(["migrate"], answer: "n\n")
    #expect(second.status == 0)
    #expect(!second.text.contains(Self.question))
  }

  @Test(arguments: [
    ["migrate", "--dry-run"], ["migrate", "--yes"], ["migrate", "--json", "--yes"],
  ])
  func `nobody is asked where nothing is written or the answer was given`(words: [String]) throws {
    let ferry = try scene()
    let outcome = try ferry.runAtTerminal(words, answer: "n\n")
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(!outcome.text.contains(Self.question))
    let isWritten: Bool? = try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NOT NULL")
    #expect(isWritten == !words.contains("--dry-run"))
  }

  @Test func `a run with --json is asked, too`() throws {
    let ferry = try scene()
    let outcome = try ferry.runAtTerminal(["migrate", "--json"], answer: "n\n")
    #expect(outcome.status == 3, "\(outcome.text)")
    #expect(outcome.text.contains(Self.question), "\(outcome.text)")
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
  }

  @Test func `a run without a terminal is a script's and asks nothing`() throws {
    let ferry = try scene()
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts() == ["willow/legacy-notes": 60])
  }
}
