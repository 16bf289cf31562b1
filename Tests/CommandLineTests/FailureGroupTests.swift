import Ledger
import Messages
import Stores
import Testing

@testable import CommandLine

struct FailureGroupTests {
  private func lines(_ failures: [(String, Failure)]) -> [String] {
    FailureGroups(
      failures.map { (name: StoreName(user: $0.0, collection: "notes"), failure: $0.1) }
    ).lines(all: "status --failed").map(\.plain)
  }

  @Test func `each reason stands once, with its remedy and its stores, the most frequent first`() {
    let lines = lines([
      ("ann", Failure(.source, "no key for ann/notes", remedy: "give the key of ann")),
      ("bob", Failure(.source, "bob/notes: row 12 is short", remedy: "mend the file")),
      ("eve", Failure(.source, "eve/notes: row 7 is short", remedy: "mend the file")),
    ])
    #expect(
      lines == [
        "Failed stores, by reason:",
        "  bob/notes: row 12 is short (and 1 similar)", "    Remedy: mend the file",
        "    2 stores: bob/notes, eve/notes",
        "  no key for ann/notes", "    Remedy: give the key of ann", "    1 store: ann/notes",
      ])
  }

  @Test func `what failed is listed in sixty lines, however many reasons there are`() {
    let words = (0..<600).map { number in
      String(number, radix: 26).map { String(UnicodeScalar(UInt8($0.asciiValue! % 26 + 97))) }
        .joined()
    }
    let many = lines(words.enumerated().map { ("user\($0.offset)", Failure(.source, $0.element)) })
    #expect(many.count <= 60)
    #expect(many.last?.contains("status --failed lists all") == true)
    let forty = lines(
      words.prefix(26).enumerated().map { ("user\($0.offset)", Failure(.source, $0.element)) })
    #expect(forty.count <= 60)
    let equal = lines((0..<500).map { ("user\($0)", Failure(.source, "user\($0) has \($0) rows")) })
    #expect(equal.count == 3 && equal[2].hasSuffix(", and 480 more"))
    #expect(lines([]).isEmpty)
  }

  @Test(arguments: [
    (false, 0, 20, ReportDetail.everything), (false, 0, 21, .failures), (false, 1, 21, .stores),
    (false, 2, 2_000, .everything), (true, 0, 1, .summary), (true, 2, 1, .summary),
  ])
  func `how much is said follows from the number of stores`(
    isQuiet: Bool, verbosity: Int, stores: Int, detail: ReportDetail
  ) {
    #expect(ReportDetail(isQuiet: isQuiet, verbosity: verbosity, stores: stores) == detail)
  }
}
