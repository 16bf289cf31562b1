import Foundation
import TestSupport

extension Ferry {
  /// Writes a small store: row `i` has the numbers of `rows[i]`, entry `i` the text `texts[i]` and
  /// the id `ids[i]`, none where that is nil.
  ///
  /// The pickle is what CPython's `pickle.dump(list_of_lists, protocol=4)` would say without
  /// frames and memo: PROTO, EMPTY_LIST, MARK, rows of BINFLOAT, APPENDS, STOP.
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
    // One right after the other: a pause between them leaves a pair that nobody can tell from a
    // finished one.
    try self.folder.write(vectors, to: "\(folder)/vectors.pkl")
    try self.folder.write([UInt8](json), to: "\(folder)/metadata.json")
  }

  /// A pickled list of lists of floats.
  static func pickle(_ rows: [[Double]]) -> [UInt8] { pickledVectors(rows, protocol: 4) }

  /// Rows of seeded numbers that are not representable in single precision.
  static func rows(_ count: Int, dimensions: Int = 8, seed: UInt64 = 1) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (0..<dimensions).map { _ in Double.random(in: -1...1, using: &generator) }
    }
  }

  /// `count` different texts.
  static func texts(_ count: Int) -> [String] { (0..<count).map { "Text number \($0), naïve 🦊" } }
}
