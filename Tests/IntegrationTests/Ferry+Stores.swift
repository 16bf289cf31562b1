import Foundation
import TestSupport

extension Ferry {
  /// Writes a small store: row `i` has the numbers of `rows[i]`, entry `i` has the text `texts[i]`
  /// and the id `ids[i]`, or no id where this is nil.
  ///
  /// The pickle is that of CPython's `pickle.dump(list_of_lists, protocol=4)` without frames and
  /// memo: PROTO, EMPTY_LIST, MARK, rows of BINFLOAT, APPENDS, STOP.
  func writeStore(
    user: String = "ann", collection: String = "notes", rows: [[Double]], texts: [String],
    ids: [String?]? = nil, extra: [String: Any] = [:]
  ) throws {
    let folder = "user_data/\(user)/vector_store_\(collection)"
    let vectors = Self.pickle(rows)
    let entries = texts.enumerated().map { index, text -> [String: Any] in
      var entry = extra.merging(["text": text]) { $1 }
      entry["id"] = ids.map { $0[index] } ?? "doc_\(index)_1700000000"
      return entry
    }
    let json = try JSONSerialization.data(withJSONObject: entries, options: [.sortedKeys])
    // The files are written one right after the other: between the two writes, the pair of old and
    // new file looks like a finished store.
    try self.folder.write(vectors, to: "\(folder)/vectors.pkl")
    try self.folder.write([UInt8](json), to: "\(folder)/metadata.json")
  }

  /// Returns a pickled list of lists of floats.
  static func pickle(_ rows: [[Double]]) -> [UInt8] { pickledVectors(rows, protocol: 4) }

  /// Returns rows of seeded numbers that single precision cannot represent exactly.
  static func rows(_ count: Int, dimensions: Int = 8, seed: UInt64 = 1) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (0..<dimensions).map { _ in Double.random(in: -1...1, using: &generator) }
    }
  }

  /// Returns `count` different texts.
  static func texts(_ count: Int) -> [String] { (0..<count).map { "Text number \($0), naïve 🦊" } }
}
