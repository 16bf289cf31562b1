import Digests
import TestSupport
import Testing

@Suite("Keyed hash")
struct KeyedHashTests {
  /// Returns the sum of products, computed by its definition.
  private func expected(_ bytes: [UInt8], words: [UInt64]) -> KeyedHash.Value {
    var sum = UInt128(bytes.count)
    let padded = bytes + [UInt8](repeating: 0, count: (16 - bytes.count % 16) % 16)
    func word(_ index: Int) -> UInt64 {
      let number = padded[index * 8..<index * 8 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      return number &+ words[index]
    }
    for pair in stride(from: 0, to: padded.count / 8, by: 2) {
      sum &+= UInt128(word(pair)) &* UInt128(word(pair + 1))
    }
    return KeyedHash.Value(
      high: UInt64(truncatingIfNeeded: sum >> 64), low: UInt64(truncatingIfNeeded: sum))
  }

  @Test("it is the sum of products that defines it, at every length and address")
  func definition() throws {
    let seed: UInt64 = 7
    var generator = SeededGenerator(seed: seed)
    let words = (0..<16).map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
    let hash = KeyedHash(words: words)
    for length in 0...128 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for shift in 0..<3 {
        let shifted = [UInt8](repeating: 9, count: shift) + bytes
        let value = try shifted.withUnsafeBytes {
          try hash.hash(UnsafeRawBufferPointer(rebasing: $0[shift...]))
        }
        #expect(value == expected(bytes, words: words), "seed \(seed), \(length) bytes")
      }
    }
  }

  @Test("values have equal hashes where they are equal, also beyond the number of random words")
  func differences() throws {
    var values: Set<[UInt8]> = []
    for length in [0, 1, 7, 8, 9, 15, 16, 17, 100, 65_535, 65_536, 65_537, 100_000] {
      var bytes = [UInt8](repeating: 0, count: length)
      values.insert(bytes)
      for place in [0, length / 2, length - 1] where bytes.indices.contains(place) {
        bytes[place] ^= 1
        values.insert(bytes)
      }
    }
    let hashes = try (0..<2).map { _ in
      try values.map { try $0.withUnsafeBytes { try KeyedHash.ofProcess.hash($0) } }
    }
    #expect(hashes[0] == hashes[1])
    #expect(Set(hashes[0]).count == values.count)
  }
}
