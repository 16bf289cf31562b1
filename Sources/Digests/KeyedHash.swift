internal import Glibc

/// A hash of 128 bits for finding equal values within one process, much faster than SHA-256.
///
/// The hash is NH of UMAC (Black, Halevi, Krawczyk, Krovetz and Rogaway, CRYPTO 1999) with words of
/// 64 bits: each word of a value is added to a random word, these sums are multiplied in pairs, and
/// the products are added up. Two different values have the same hash with a probability of at most
/// 2⁻⁶³, even where somebody has chosen them on purpose, because nobody knows the random words.
public struct KeyedHash: Sendable {
  /// The hash of a value.
  public struct Value: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// Creates a hash from its halves.
    package init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }
  }

  /// The hash with the random words of this process.
  public static let ofProcess: KeyedHash = {
    // More bytes than the longest vector that pgvector allows, and than most texts.
    var words = [UInt64](repeating: 0, count: 8192)
    words.withUnsafeMutableBytes { bytes in
      // The most bytes that one call gives.
      for start in stride(from: 0, to: bytes.count, by: 256) {
        let status = getentropy(bytes.baseAddress.map { $0 + start }, 256)
        // A kernel without random numbers cannot run this program: Swift's own generator stops
        // there too.
        precondition(status == 0, "the kernel returned no random numbers")
      }
    }
    return KeyedHash(words: words)
  }()

  private let words: [UInt64]

  /// Creates a hash from its random words, whose number must be even.
  package init(words: [UInt64]) {
    precondition(
      words.count.isMultiple(of: 2),
      "the number of words must be "
        + "even")  // a programmer error
    self.words = words
  }

  /// Computes the hash of bytes; where there are more bytes than random words can cover, returns
  /// the first half of SHA-256.
  public func hash(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) -> Value {
    guard bytes.count <= words.count * MemoryLayout<UInt64>.size else {
      let digest = try SHA256.digest(of: Array(bytes)).bytes
      return digest.withUnsafeBytes {
        Value(
          high: $0.loadUnaligned(as: UInt64.self),
          low: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
    }
    // The count distinguishes a value from the same value with zeros behind it.
    var sum = Sum(low: UInt64(bytes.count))
    let whole = bytes.count & ~15
    words.withUnsafeBytes { words in
      var offset = 0
      while offset < whole {
        sum.add(bytes, words, at: offset)
        offset += 16
      }
      if whole < bytes.count {
        // The last bytes, filled up with zeros.
        var last: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &last) { $0.copyBytes(from: bytes[whole...]) }
        withUnsafeBytes(of: &last) {
          sum.add($0, UnsafeRawBufferPointer(rebasing: words[whole...]), at: 0)
        }
      }
    }
    return Value(high: sum.high, low: sum.low)
  }

  /// A sum of products modulo 2¹²⁸.
  private struct Sum {
    var high: UInt64 = 0
    var low: UInt64

    /// Adds the product of two sums: each of the two words of `bytes` at an offset, plus the random
    /// word at the same offset.
    @inline(__always)
    mutating func add(
      _ bytes: UnsafeRawBufferPointer, _ words: UnsafeRawBufferPointer, at offset: Int
    ) {
      let first =
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        &+ words.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let second =
        bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
        &+ words.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
      let product = first.multipliedFullWidth(by: second)
      let (sum, isCarried) = low.addingReportingOverflow(product.low)
      low = sum
      high = high &+ product.high &+ (isCarried ? 1 : 0)
    }
  }
}
