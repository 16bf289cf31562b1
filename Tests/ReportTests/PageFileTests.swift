import Foundation
import TestSupport
import Testing

@testable import Report

/// Looks at pages in a browser; Scripts/check-report.py says what is a fault.
@Suite struct PageFileTests {
  private static let hasBrowser = ["chromium", "chromium-browser"].contains { name in
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
  }

  /// The pages, by the names of their files.
  private static let samples = [
    ("stores-4", SamplePage(written: 4)), ("stores-1", SamplePage(written: 1, failing: 1)),
    ("stores-2000", SamplePage(written: 1960, failing: 40, exitStatus: 1)),
    ("failures-only", SamplePage(written: 0, failing: 3, exitStatus: 1)),
    ("not-reduced", SamplePage(written: 3, isReduced: false)),
    ("killed", SamplePage(written: 2, exitStatus: nil)), ("no-stores", SamplePage(written: 0)),
    (
      "long-names",
      SamplePage(written: 3, firstUser: String(repeating: "Donaudampfschiff日本<script>", count: 12))
    ),
  ]

  @Test(
    .longForm, .enabled(if: hasBrowser, "Chromium is not installed (apt-get install chromium)"))
  func `pages fit narrow and wide windows, light and dark, and paper`() throws {
    let folder = try TemporaryDirectory("pages")
    for (name, sample) in Self.samples {
      try folder.write(Array(HTMLPage(sample.page).text.utf8), to: "\(name).html")
    }
    // A developer may want to look at the pictures.
    let pictures = ProcessInfo.processInfo.environment["VECTOR_FERRY_PICTURES"]
    let outcome = try run(
      "/usr/bin/env",
      ["python3", "\(Oracle.repository)/Scripts/check-report.py"]
        + (pictures.map { ["--pictures", $0] } ?? [])
        + Self.samples.map { folder.file("\($0.0).html") })
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
  }

  @Test(
    .longForm, .enabled(if: hasBrowser, "Chromium is not installed (apt-get install chromium)"),
    arguments: [
      ("wider than the window", "<p>Failures", "<p style=\"width:2000px\">Failures"),
      ("has a contrast of", "--soft:#57606a", "--soft:#c8ccd0"),
      ("label cut off", "<text class=\"label\" x=\"2.0\"", "<text class=\"label\" x=\"-40.0\""),
      ("empty plot", "<rect class=\"fill", "<rect class=\"gone"),
      ("asks for", "<main>", "<main><img alt=\"a\" src=\"other.png\">"),
      ("the script did not run", "script-src", "img-src"),
    ])
  func `the check finds each fault`(fault: String, part: String, replacement: String) throws {
    let folder = try TemporaryDirectory("pages")
    let page = HTMLPage(SamplePage(written: 4, failing: 1).page).text
      .replacingOccurrences(of: "<h2>Failures", with: "<p>Failures</p><h2>Failures")
    let broken = page.replacingOccurrences(of: part, with: replacement)
    #expect(broken != page)
    let file = try folder.write(Array(broken.utf8), to: "page.html")
    let outcome = try run(
      "/usr/bin/env", ["python3", "\(Oracle.repository)/Scripts/check-report.py", file])
    #expect(outcome.status == 1, "\(outcome.errorText)")
    #expect(outcome.text.contains(fault), "\(outcome.text)")
  }
}
