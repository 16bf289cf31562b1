/// The sum of all fingerprints of a store: the same for the same documents in any order.
struct ContentDigest: Equatable {
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  /// How many documents were added.
  private(set) var count = 0

  /// Adds a document's fingerprint of sixteen bytes.
  mutating func add(_ fingerprint: [UInt8]) {
    precondition(fingerprint.count == 16, "a fingerprint has sixteen bytes")
    let halves = fingerprint.withUnsafeBytes { bytes in
      (
        UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    let (sum, overflow) = low.addingReportingOverflow(halves.1)
    low = sum
    high = high &+ halves.0 &+ (overflow ? 1 : 0)
    count += 1
  }

  /// The sum in network order.
  var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }
}
