import Files
import OwnSchema
import Arguments
import Ledger
import Postgres
import Schema
import Search
import Stores
import Testing

@testable import CommandLine

/// An error that no module of the program throws.
private struct Surprise: Error {}

/// An error, with the exit codes for a whole run, for work in place and for work on one store.
private struct EndingCase: CustomTestStringConvertible, Sendable {
  let error: any Error
  let codes: [ExitCode]

  init(_ error: any Error, _ whole: ExitCode, _ inPlace: ExitCode, _ oneStore: ExitCode) {
    self.error = error
    codes = [whole, inPlace, oneStore]
  }

  init(_ error: any Error, _ code: ExitCode) { self.init(error, code, code, code) }

  var testDescription: String { "\(error)" }

  static let all = [
    EndingCase(UsageError(path: [], fault: .unexpectedValue(flag: "--yes")), .usage),
    EndingCase(SinkFailure.system(28), .someStoresFailed),
    EndingCase(SchemaError("it is", remedy: "mend it"), .preflightFailed),
    EndingCase(PostgresError.interrupted, .interrupted),
    EndingCase(StoreError.interrupted, .interrupted),
    EndingCase(Failure(.interrupted, "interrupted"), .interrupted),
    EndingCase(Failure(.preflight, "it is"), .preflightFailed),
    EndingCase(Failure(.backup, "it is"), .preflightFailed),
    EndingCase(Failure(.begun, "it is"), .someStoresFailed),
    EndingCase(Failure(.verification, "it differs"), .differenceFound),
    EndingCase(
      Failure(.database, "it is"), .preflightFailed, .someStoresFailed, .someStoresFailed),
    EndingCase(
      PostgresError.unexpected(operation: "SELECT", what: "no row"), .preflightFailed,
      .someStoresFailed, .someStoresFailed),
    EndingCase(Failure(.source, "it is"), .preflightFailed, .preflightFailed, .someStoresFailed),
    EndingCase(Failure(.taken, "it is"), .preflightFailed, .preflightFailed, .someStoresFailed),
    EndingCase(Surprise(), .preflightFailed, .preflightFailed, .someStoresFailed),
    EndingCase(SearchError("it is"), .preflightFailed, .preflightFailed, .someStoresFailed),
  ]
}

@Suite("Each error has one exit code in all commands that do the same kind of work")
struct ExitCodeTests {
  @Test(arguments: EndingCase.all)
  private func codes(_ ending: EndingCase) {
    let works: [ExitCode.Work] = [.whole, .inPlace, .oneStore]
    #expect(works.map { ExitCode(for: ending.error, of: $0) } == ending.codes)
  }

  @Test("What is printed names the code that the process ends with", arguments: EndingCase.all)
  private func document(_ ending: EndingCase) throws {
    let sink = BufferSink()
    let console = Console(
      output: Output(sink, profile: .none), diagnostics: Diagnostics(sink, profile: .none),
      answers: NoAnswers())
    let code = console.report(failure: Failure(ending.error), asJSON: true, of: .oneStore)
    try console.output.finish()
    #expect(sink.text.contains("\"exit_code\": \(code.rawValue)\n"))
  }
}
