import Ledger
import Testing
import VectorMath

@testable import Postgres

/// Tests the words in which errors of other modules are reported.
@Suite struct FailureTests {
  /// An error that no module throws.
  private struct Surprise: Error, CustomStringConvertible {
    let description = "something else"
  }

  @Test func `what is not known is nobody's fault`() {
    let failure = Failure(Surprise())
    #expect(failure.kind == .unknown)
    #expect(failure.reason == "something else")
    #expect(Failure(ProjectionError.noRows).kind == .unknown)
  }

  @Test func `values that are not finite are the source's fault`() {
    #expect(Failure(ProjectionError.notFinite(row: 3, position: 4)).kind == .source)
  }

  @Test(arguments: [
    EmbeddedServerError.noBinaries(found: ["a", "b"]),
    .otherMajorVersion(dataDirectory: "d", data: 14, atHand: [16]),
    .noAccount(reason: "none is there"),
  ])
  func `what is wrong with the embedded server is one line, and what helps another`(
    error: EmbeddedServerError
  ) {
    let failure = Failure(error)
    #expect(failure.kind == .preflight)
    #expect(!failure.reason.contains("\n") && !failure.reason.isEmpty)
    #expect(failure.remedy?.contains("\n") == false)
    // The report has all words of the error's description.
    let words = error.description.split(whereSeparator: \.isWhitespace)
    let said = "\(failure.reason) \(failure.remedy ?? "")".split(whereSeparator: \.isWhitespace)
    #expect(words == said)
  }
}
