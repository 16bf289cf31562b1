import Foundation
import TestSupport
import Testing

/// Tests that no refusal of metadata, and no finding in metadata, repeats a part of a document.
@Suite(.needsServer)
struct RefusalContentTests {
  /// A word that is only in keys, texts and values of documents.
  private static let word = "Quillwort"

  /// Damaged files, each with a name for the store; `W` stands for the word, and `§XX` for a byte.
  private static let files: [(name: String, text: String)] = [
    ("duplicate", #"[{"text": "W", "W": 1, "W": 2}]"#),
    ("duplicate-nested", #"[{"text": "W", "a": [{"W": {"W": 1, "W": 2}}]}]"#),
    ("duplicate-escaped", #"[{"text": "W", "W": 1, "\u0051uillwort": 2}]"#),
    (
      "duplicate-large",
      #"[{"text": "W", "# + (0..<40).map { #""W\#($0)": 1, "# }.joined() + #""W7": 2}]"#
    ),
    ("unfinished", #"[{"text": "W W W"#), ("unfinished-key", #"[{"W"#),
    ("bytes", #"[{"text": "W§FFW"}]"#), ("key-bytes", #"[{"W§FFW": 1}]"#),
    ("nul", #"[{"text": "W\u0000W"}]"#), ("key-nul", #"[{"text": "W", "W\u0000": 1}]"#),
    ("surrogate", #"[{"text": "W\ud800W"}]"#), ("nan", #"[{"text": "W", "W": NaN}]"#),
    ("bare", #"[{"text": W}]"#), ("bare-key", #"[{W: 1}]"#), ("overflow", #"[{"W": 1e999}]"#),
    ("digits", #"[{"W": 1e-20000}]"#), ("number", #"[{"W": 12Quillwort}]"#),
    ("behind", #"[{"text": "W"}] W"#), ("text-entry", #"["W"]"#), ("object", #"{"W": "W"}"#),
    ("string", #""W""#), ("page", "<html>W</html>"), ("control", "[{\"text\": \"W§01W\"}]"),
    ("escape", #"[{"text": "\W"}]"#), ("comma", #"[{"text": "W" "W": 1}]"#),
    ("single", "[{'W': 'W'}]"), ("text-object", #"[{"text": {"W": "W"}}]"#),
    ("text-number", #"[{"text": 5, "W": "W"}]"#), ("no-text", #"[{"W": "W"}]"#),
    ("null-text", #"[{"text": null, "W": "W"}]"#), ("empty-text", #"[{"text": "", "W": "W"}]"#),
    ("two-texts", #"[{"text": "W", "content": "W W", "page_content": "W3"}]"#),
    ("time", #"[{"text": "W", "timestamp": "W"}]"#),
    ("time-object", #"[{"text": "W", "timestamp": {"W": 1}}]"#),
    ("time-range", #"[{"text": "W", "timestamp": "99999-01-01 W"}]"#),
    ("id-object", #"[{"text": "W", "id": {"W": 1}}]"#), ("id", #"[{"text": "W", "id": "W"}]"#),
    ("id-twice", #"[{"text": "W", "id": "W"}, {"text": "W W", "id": "W"}]"#),
    ("zero", #"[{"text": "W", "W": -0}]"#), ("count", #"[{"text": "W"}, {"text": "W"}]"#),
    ("token", "gAAAAAQuillwort"), ("long-token", "gAAAAAB" + String(repeating: "W", count: 40)),
    ("deep", String(repeating: #"[{"W":"#, count: 1200)),
  ]

  private static func bytes(_ text: String) -> [UInt8] {
    let parts = text.replacing("W", with: word).components(separatedBy: "§")
    return Array(parts[0].utf8)
      + parts.dropFirst().flatMap {
        [UInt8($0.prefix(2), radix: 16) ?? 0] + Array($0.dropFirst(2).utf8)
      }
  }

  @Test func `no message and no record repeats a key, a text or a value`() throws {
    let ferry = try Ferry()
    for (name, text) in Self.files {
      let folder = "user_data/\(name)/vector_store_notes"
      try ferry.folder.write(Ferry.pickle(Ferry.rows(1)), to: "\(folder)/vectors.pkl")
      try ferry.folder.write(Self.bytes(text), to: "\(folder)/metadata.json")
    }
    for words in [
      ["scan"], ["scan", "--json"], ["doctor"], ["migrate", "--dry-run"], ["migrate"],
      ["migrate", "--failed", "--json"], ["migrate", "--escape-nul", "--allow-mismatch"],
      ["verify"], ["verify", "--json"], ["status", "--json"], ["history"],
    ] {
      let outcome = try ferry.run(command: words)
      let said = outcome.text + outcome.errorText
      #expect(!said.isEmpty)
      for line in said.split(separator: "\n") where line.contains("uillwor") {
        Issue.record("\(words): \(line)")
      }
    }
    let folder = ferry.folder.file("migration_backup")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasPrefix("journal.sqlite") {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      #expect(data.range(of: Data("uillwor".utf8)) == nil, "\(name)")
    }
  }
}
