// Reading metadata.json against CPython's json.load. Arguments: entries, rounds.
import Foundation
import JSON
import Rival
import Stores

let entries = argument(1, default: 200_000)
let rounds = argument(2, default: 5)
let path = FileManager.default.temporaryDirectory
  .appendingPathComponent("metadata-\(ProcessInfo.processInfo.processIdentifier).json").path
defer { try? FileManager.default.removeItem(atPath: path) }

let rival = try Rival(
  script: """
    import json, os, random
    path = os.environ["METADATA"]
    source = random.Random(1)
    words = ("der die das Straße größer übermäßig store vector reading plain text über and the of "
             "naïve café résumé 東京 данные 🚢 fähre migration embedding document paragraph").split()
    def text():
        out = ""
        while len(out) < 500: out += source.choice(words) + source.choice([" ", " ", ", ", ".\\n"])
        return out[:500]
    def entry(i):
        return {"id": f"doc_{i}_{1700000000 + i}", "text": text(),
                "timestamp": f"2025-01-{i % 28 + 1:02d}T14:30:{i % 60:02d}.123456",
                "metadata": {"source": f"notes/{i % 97}.md", "page": i % 300, "score": i / 7,
                             "tags": ["a", "straße", None, True], "nested": {"depth": [1, 2, 3]}}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump([entry(i) for i in range(\(entries))], file, indent=2, ensure_ascii=False)
    data = None
    def round():
        global data
        with open(path, encoding="utf-8") as file: data = json.load(file)
    def forget():
        global data
        data = None
    def total(): return sum(len(entry["text"].encode()) for entry in data)
    """,
  environment: ["METADATA": path])

/// Reads the whole file as a migration does and returns the bytes of all texts.
func read() throws -> Int {
  let file = open(path, O_RDONLY)
  defer { close(file) }
  let reader = JSONEntryReader(FileByteSource(descriptor: file))
  var entry = JSONEntry()
  var (id, text, metadata): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
  var total = 0
  let names = ["id", "text", "timestamp"]
  while try reader.next(into: &entry) {
    id.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    metadata.removeAll(keepingCapacity: true)
    let own = names.map { entry.member(named: $0) }
    if let member = own[0] { _ = entry.appendUTF8(of: member, to: &id) }
    if let member = own[1] { _ = entry.appendUTF8(of: member, to: &text) }
    let taken = own.compactMap { $0?.value.lowerBound }
    entry.appendObject(without: { taken.contains($0.value.lowerBound) }, to: &metadata)
    total += text.count
  }
  return total
}

var (ours, theirs) = (Double.infinity, Double.infinity)
var total = 0
for _ in 0..<rounds {
  ours = min(ours, try seconds { total = try read() })
  _ = rival.ask("forget")
  theirs = min(theirs, rival.round() ?? .infinity)
}
let size = Double(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0) / 1e6
print("metadata.json, \(entries) entries, \(text(size, 0)) MB, best of \(rounds)")
print("  VectorFerry  \(text(ours, 3)) s, \(text(size / ours, 0)) MB/s")
print("  CPython      \(text(theirs, 3)) s, \(text(size / theirs, 0)) MB/s (json.load)")
print("  ratio        \(text(theirs / ours)) ×")
print("  same texts   \(rival.ask("total") == "\(total)" ? "yes" : "NO")")
