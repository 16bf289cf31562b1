import Foundation
import TestSupport
import Testing

@testable import Pickle

/// Tests that hostile pickles are refused, are never executed, and cost little time and memory.
@Suite(.needsPython)
struct MaliciousTests {
  private func generate(_ count: Int, seed: Int, in folder: TemporaryDirectory) throws -> [String] {
    let python = try #require(Oracle.python)
    let outcome = try TestSupport.run(
      python,
      [
        "\(Oracle.repository)/Scripts/make-malicious-pickles.py", "\(seed)", "\(count)",
        folder.file("corpus"), folder.file("canary"),
      ])
    try #require(outcome.status == 0, "\(outcome.errorText)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.file("corpus")).sorted()
  }

  @Test func `Every hostile pickle is refused and none is run`() throws {
    let folder = try TemporaryDirectory("malicious")
    let count = Oracle.isFullRun ? 10_000 : 1000
    let names = try generate(count, seed: 7, in: folder)
    #expect(names.count == count)
    for name in names {
      let bytes = [UInt8](
        try Data(contentsOf: URL(fileURLWithPath: folder.file("corpus/\(name)"))))
      let error = refusal(bytes)
      #expect(error != nil, "seed 7, \(name) was accepted")
      let sentence = error?.description ?? ""
      #expect(sentence.count > 20 && sentence.allSatisfy { $0.isASCII && !$0.isNewline })
      if bytes.count < 100_000 {
        #expect(refusal(bytes, takesRuns: false) != nil, "seed 7, \(name), without runs")
        _ = try? PickleValue(source: PickleBytes(bytes), classes: ["a.B"])
        _ = try? PickledRows.peek(source: PickleBytes(bytes))
      }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("canary")))
  }

  static let strace = ["/usr/bin/strace", "/bin/strace"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Returns the path of the program that reads a folder of pickles, which is built with the
  /// benchmarks.
  private func corpusRunner() throws -> String {
    let package = "\(Oracle.repository)/Benchmarks"
    let scratch = "\(Oracle.repository)/.vector-ferry/corpus-build"
    let built = try TestSupport.run(
      "/usr/bin/env",
      [
        "swift", "build", "--package-path", package, "--scratch-path", scratch, "--product",
        "pickle-corpus",
      ])
    try #require(built.status == 0, "\(built.text)\(built.errorText)")
    return "\(scratch)/debug/pickle-corpus"
  }

  @Test(.enabled(if: strace != nil, "strace is not installed"))
  func `Under strace the reader starts nothing, connects nowhere and writes no file`() throws {
    let folder = try TemporaryDirectory("strace")
    let count = Oracle.isFullRun ? 10_000 : 300
    _ = try generate(count, seed: 11, in: folder)
    let runner = try corpusRunner()
    let log = folder.file("calls")
    let outcome = try TestSupport.run(
      try #require(Self.strace),
      [
        "-f", "-qq", "-e", "trace=process,network,file,desc", "-e", "signal=none", "-o", log,
        runner, folder.file("corpus"), "--all-refused",
      ], directory: folder.path)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("\(count) files, 0 accepted"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("canary")))
    let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(calls.count > count)
    for call in calls { check(call) }
  }

  private func check(_ call: Substring) {
    // strace -f puts the process number first.
    let name = call.drop { $0.isNumber || $0 == " " }.prefix { $0 != "(" }
    let forbidden = [
      "fork", "vfork", "socket", "connect", "bind", "listen", "accept", "sendto", "sendmsg",
      "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "creat",
      "truncate", "ftruncate", "symlink", "symlinkat", "link", "linkat", "chmod", "fchmodat",
    ]
    #expect(!forbidden.contains(String(name)), "\(call)")
    if name.hasPrefix("execve") {
      // The first call starts the program itself.
      #expect(call.contains("pickle-corpus"), "\(call)")
    }
    if name.hasPrefix("open") {
      #expect(!call.contains("O_WRONLY") && !call.contains("O_CREAT"), "\(call)")
      #expect(!call.contains("O_RDWR"), "\(call)")
    }
  }
}
