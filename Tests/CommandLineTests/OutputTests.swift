import Messages
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Arguments
@testable import CommandLine

@Suite("Results arrive whole, or it is said that they did not")
struct OutputTests {
  private let terminal = TerminalProfile(
    isTerminal: true, columns: 60, environment: Environment(["TERM": "xterm"]))

  @Test("A file gets large writes, a terminal every line at once")
  func buffering() throws {
    let sink = BufferSink()
    let output = Output(sink, profile: .none, capacity: 10)
    output.print("12345")
    #expect(sink.text == "")
    output.print("67890")
    #expect(sink.text == "12345\n67890\n")
    output.print("x")
    try output.finish()
    #expect(sink.text == "12345\n67890\nx\n")
    let screen = BufferSink()
    Output(screen, profile: terminal).print("\("now", .bold)")
    #expect(screen.text == "\u{1B}[1mnow\u{1B}[0m\n")
  }

  @Test("A reader that goes away ends the writing quietly")
  func closedPipe() throws {
    ignoreBrokenPipes()
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let output = Output(FileDescriptorSink(descriptor: ends[1]), profile: .none, capacity: 1)
    output.print("read")
    #expect(!output.isClosed)
    close(ends[0])
    output.print("lost")
    #expect(output.isClosed)
    output.print("dropped")
    try output.finish()
    close(ends[1])
  }

  @Test("A full disk is told, and stays told")
  func fullDisk() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let output = Output(FileDescriptorSink(descriptor: full), profile: .none)
    output.print("result")
    #expect(throws: SinkFailure.system(ENOSPC)) { try output.finish() }
    #expect(throws: SinkFailure.system(ENOSPC)) { try output.finish() }
    #expect(!output.isClosed)
  }

  @Test("A closed standard stream is not taken by the next file that is opened")
  func closedStream() throws {
    let closed: Int32 = 900
    close(closed)
    occupy(descriptors: closed...closed)
    defer { close(closed) }
    #expect(fcntl(closed, F_GETFD) != -1)
    let output = Output(FileDescriptorSink(descriptor: closed), profile: .none)
    output.print("lost")
    #expect(throws: SinkFailure.system(EBADF)) { try output.finish() }
    #expect(SinkFailure.system(ENOSPC).reason == "No space left on device")
  }

  @Test("A slow reader of a non-blocking pipe gets every byte")
  func slowReader() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let writer = ends[1]
    let text = String(repeating: "0123456789", count: 50_000)
    // This needs a thread of its own: a task might wait for the thread that reads here.
    Thread.detachNewThread {
      let output = Output(FileDescriptorSink(descriptor: writer), profile: .none)
      output.write(raw: text)
      output.flush()
      close(writer)
    }
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 3001)
    while true {
      let count = read(ends[0], &piece, piece.count)
      if count <= 0 { break }
      received += piece.prefix(count)
    }
    close(ends[0])
    #expect(String(decoding: received, as: UTF8.self) == text)
  }

  @Test("Notes are silent when quiet, warnings never, and a deaf standard error stops nothing")
  func quiet() {
    let sink = BufferSink()
    let diagnostics = Diagnostics(sink, profile: .none, isQuiet: true)
    diagnostics.note("note")
    diagnostics.warn("look at \("x\ny")")
    diagnostics.fail("broken")
    #expect(sink.text == "warning: look at x\\ny\nerror: broken\n")
    sink.fail(with: .closed)
    diagnostics.warn("unheard")
    #expect(sink.text == "warning: look at x\\ny\nerror: broken\n")
  }

  @Test("Help, version and a refusal, as a person sees them")
  func usage() throws {
    let (results, errors) = (BufferSink(), BufferSink())
    let console = Console(
      output: Output(results, profile: .none), diagnostics: Diagnostics(errors, profile: .none),
      answers: NoAnswers())
    console.printVersion(of: ferry)
    console.printHelp(of: ferry, path: ["server", "url"])
    #expect(throws: UsageError.self) { try ferry.parse(["migrate", "--dry-rnu"]) }
    do { _ = try ferry.parse(["migrate", "--dry-rnu"]) } catch { console.report(error, of: ferry) }
    try console.output.finish()
    #expect(results.text.hasPrefix("vector-ferry 1.2.3\nPrint the embedded server's address.\n"))
    #expect(
      errors.text == """
        error: --dry-rnu is not an option of 'migrate'; did you mean --dry-run?
        Try 'vector-ferry migrate --help'.

        """)
    #expect(console.confirm("Sure?") == .nobody)
  }

  @Test("A table is trimmed on a terminal only")
  func table() throws {
    var table = Table([.left("Name"), .right("N")])
    table.append(["\(String(repeating: "long", count: 30))", "1"])
    for (profile, width) in [(TerminalProfile.none, 123), (terminal, 60)] {
      let sink = BufferSink()
      let console = Console(
        output: Output(sink, profile: profile), diagnostics: Diagnostics(sink, profile: .none),
        answers: NoAnswers())
      console.print(table)
      try console.output.finish()
      #expect(sink.text.split(separator: "\n").last?.displayWidth == width)
    }
  }
}
