import Ledger
import Testing

@testable import Postgres

/// Errors of the modules below, in the words of a report.
@Suite struct FailureTests {
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
    // Nothing is lost between the two.
    let words = error.description.split(whereSeparator: \.isWhitespace)
    let said = "\(failure.reason) \(failure.remedy ?? "")".split(whereSeparator: \.isWhitespace)
    #expect(words == said)
  }
}
