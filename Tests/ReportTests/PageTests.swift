import Digests
import Foundation
import Stores
import Testing

@testable import Journal
@testable import Report

@Suite struct PageTests {
  private func count(_ part: String, in text: String) -> Int {
    text.components(separatedBy: part).count - 1
  }

  @Test(arguments: [(1, 0), (4, 0), (3, 2), (0, 3), (1960, 40)])
  func `each store has one row, in both forms`(written: Int, failing: Int) {
    let page = SamplePage(written: written, failing: failing).page
    let html = HTMLPage(page).text
    let markdown = MarkdownPage(page).text
    let names = page.stores.map(\.name.description).sorted()
    let rows = html.matches(of: /<tr><th scope="row"><bdi>([^<]*)<\/bdi>/).map { String($0.1) }
    #expect(rows.sorted() == names)
    let lines = markdown.matches(of: /\n\| (user[0-9]+\/notes) \|/).map { String($0.1) }
    #expect(lines.sorted() == names)
    #expect(count("<details class=\"group\">", in: html) == (written > 50 ? 1 : 0), "folded")
    #expect(count("\"failure\"", in: html) == min(3, failing))
    for group in page.failures {
      #expect(html.contains(HTML.escaped(group.reason)))
      #expect(html.contains(HTML.escaped(group.remedy ?? "")))
      #expect(markdown.contains(Markdown.escaped(group.reason)))
    }
  }

  @Test func `a page of thousands of stores is written fast`() {
    let page = SamplePage(written: 1960, failing: 40).page
    let clock = ContinuousClock()
    // The median of five, because other work may stop one of them.
    let times = (0..<5).map { _ in clock.measure { _ = HTMLPage(page).text } }.sorted()
    #expect(times[2] < .seconds(1), "\(times)")
    #expect(HTMLPage(page).text.utf8.count < 1_000_000)
  }

  @Test func `the page loads nothing and runs no other script`() throws {
    let text = HTMLPage(SamplePage(written: 4, failing: 1).page).text
    for part in ["<link", "src=", "url(", "@import", "http:", "https:"] {
      #expect(!text.contains(part), "\(part)")
    }
    let digest = try SHA256.digest(of: Array(PageScript.text.utf8))
    let encoded = Data(digest.bytes).base64EncodedString()
    #expect(PageScript.policy.text.contains("'sha256-\(encoded)'"), "\(encoded)")
  }

  @Test func `a run without reduced vectors says why figures are missing`() {
    let page = SamplePage(written: 3, isReduced: false).page
    let missing = page.allFigures.filter { $0.drawing == nil }
    #expect(missing.map(\.id) == ["recall", "scores", "energy"])
    #expect(missing.allSatisfy { $0.note.contains("reduced") || $0.note.contains("fitted") })
    #expect(HTMLPage(page).text.contains("No recall was measured"))
  }

  @Test func `a run without stores, and one that was killed, have a page`() {
    let empty = HTMLPage(SamplePage(written: 0).page).text
    #expect(empty.contains("The journal lists no stores of this run."))
    #expect(empty.contains("The run has written no rows."))
    let killed = SamplePage(written: 2, exitStatus: nil).page
    #expect(killed.verdict == .stopped)
    #expect(HTMLPage(killed).text.contains("The run has not recorded the time of its stages"))
  }

  @Test(arguments: [
    (SamplePage(written: 2), RunPage.Verdict.succeeded),
    (SamplePage(written: 2, failing: 2, exitStatus: 1), .failed(2)),
    (SamplePage(written: 2, exitStatus: 130), .stopped),
  ])
  func `the verdict follows from the outcomes`(sample: SamplePage, verdict: RunPage.Verdict) {
    #expect(sample.page.verdict == verdict)
  }

  @Test func `reasons are shown without their remedies`() {
    let store = SamplePage(written: 0, failing: 1).page.stores[0]
    #expect(store.reason == "vectors.pkl, row 12: the vector holds NaN")
    #expect(store.record.reason?.hasSuffix("; correct the vector, or remove the document") == true)
  }

  @Test func `counts are disjoint`() {
    let counts = SamplePage(written: 7, failing: 5, exitStatus: 1).page.counts
    #expect(counts.prefix(3).map(\.value) == ["12", "7", "5"])
    #expect(counts.prefix(3).map(\.name) == ["Stores", "Done", "Failed"])
  }

  @Test func `each figure has the numbers of its drawing in a table`() {
    for figure in SamplePage(written: 4, failing: 1).page.allFigures {
      #expect(figure.drawing?.contains("<svg class=\"plot\"") == true, "\(figure.id)")
      #expect(!figure.rows.isEmpty, "\(figure.id)")
      #expect(figure.rows.allSatisfy { $0.count == figure.columns.count }, "\(figure.id)")
    }
  }

  @Test func `rates add up to the rows`() throws {
    let page = SamplePage(written: 30).page
    let steps = try #require(RateSteps(page.writing, since: page.run.startedAt))
    let rows = steps.parts.reduce(0) { $0 + $1.rate * ($1.to - $1.from) }
    #expect(abs(rows - Double(page.documents)) < 0.01, "\(rows)")
  }

  @Test func `histograms count each store once`() {
    let figure = SamplePage(written: 100).page.scoreFigure
    #expect(figure.rows.compactMap { Int($0[1]) }.reduce(0, +) == 100)
    #expect(figure.rows[0] == ["under 0.000001", "26"])
  }

  @Test(arguments: [
    ("plain/dir", "plain/dir"), ("two words", "'two words'"), ("it's", "'it'\\''s'"), ("", "''"),
  ])
  func `paths in commands are words of the shell`(path: String, word: String) {
    let sample = SamplePage(written: 1).page
    let page = RunPage(
      run: sample.run, stores: sample.stores.map(\.record), backupDirectory: path)
    #expect(page.nextSteps.allSatisfy { $0.name.contains("--backup-dir \(word)") })
  }
}
