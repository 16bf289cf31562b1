import Messages
import Stores
import Testing

@testable import CommandLine

struct StoreTableTests {
  /// 2,000 stores in the order of their names, of which 40 have failed.
  private static let stores = (0..<2_000).map { number in
    let isFailed = number % 50 == 17
    let digits = String(10_000 + number).dropFirst()
    return StoreTable.Row(
      name: StoreName(user: "user-with-a-long-name-\(digits)", collection: "personal_assistant"),
      outcome: isFailed ? "failed" : "succeeded", isInOrder: !isFailed, documents: 12_345,
      time: "2026-01-02T03:04:05Z",
      remarks: isFailed
        ? "vectors.pkl: byte 1,234: not a number, in /srv/data/\(String(repeating: "x", count: 90))"
        : "")
  }

  private func lines(
    _ stores: [StoreTable.Row], columns: Int?, limit: Int? = nil
  ) -> [String] {
    let sink = BufferSink()
    let profile =
      columns.map {
        TerminalProfile(
          isTerminal: true, columns: $0,
          environment: Environment(["TERM": "xterm", "NO_COLOR": "1"]))
      } ?? .none
    let output = Output(sink, profile: profile)
    let console = Console(
      output: output, diagnostics: Diagnostics(BufferSink(), profile: .none),
      answers: NoAnswers())
    StoreTable(console: console, limit: limit).show(stores)
    return sink.text.split(separator: "\n").map(String.init)
  }

  private struct NoAnswers: AnswerSource {
    let canAnswer = false
    func nextLine() -> String? { nil }
  }

  @Test(arguments: [40, 80, 160])
  func `on a terminal no line is wrapped, and what failed comes first`(columns: Int) throws {
    let lines = lines(Self.stores, columns: columns)
    #expect(lines.allSatisfy { $0.displayWidth <= columns })
    let counts = lines.prefix(2).joined(separator: " ").split(separator: " ").joined(separator: " ")
    #expect(counts.hasPrefix("2,000 stores: 40 failed, 1,960 succeeded"))
    #expect(lines.suffix(3).joined(separator: " ").contains("… and 1,940 more stores in order"))
    let failed = lines.indices.filter {
      lines[$0].contains("failed ") || lines[$0].hasSuffix("failed")
    }
    let good = lines.indices.filter { lines[$0].contains("succeed") && $0 > 1 }
    #expect(failed.count == 40 && good.count == 20)
    #expect(try #require(failed.last) < #require(good.first))
    // Nothing of a reason is lost.
    let text = lines.joined().filter { $0 != " " }
    #expect(text.contains("/srv/data/" + String(repeating: "x", count: 90)))
  }

  @Test(arguments: [
    ("a bc def", 5, ["a bc", "def"]), ("abcdefgh: ij", 5, ["abcde", "fgh:", "ij"]),
    ("x abcdefgh ij", 6, ["x", "abcdef", "gh ij"]), ("", 5, []), ("日本語", 4, ["日本", "語"]),
    ("日", 1, ["日"]),
  ])
  func `a text is broken at spaces, and long words where the line ends`(
    text: String, width: Int, lines: [String]
  ) {
    #expect(broken(text, to: width) == lines)
  }

  @Test func `a pipe gets every store in one line, with its reason`() {
    let lines = lines(Self.stores, columns: nil)
    #expect(lines.count == 2_002)
    #expect(lines[2...41].allSatisfy { $0.contains("failed") && $0.hasSuffix("xxx") })
  }

  @Test func `the operator says how many stores in order are listed`() {
    #expect(lines(Self.stores, columns: nil, limit: 3).count == 2 + 43 + 1)
    #expect(lines(Self.stores, columns: 80, limit: 0).filter { $0.contains("succeed") }.count == 1)
    #expect(lines([], columns: 80).isEmpty)
  }

  @Test func `a store that was migrated and is not there is counted for itself`() {
    let name = StoreName(user: "ann", collection: "notes")
    let rows = [true, false, true].map { isInOrder in
      StoreTable.Row(
        name: name, outcome: "succeeded", isInOrder: isInOrder, documents: nil, time: "",
        remarks: "")
    }
    #expect(
      lines(rows, columns: nil).first == "3 stores: 1 succeeded, but different now, 2 succeeded")
  }
}
