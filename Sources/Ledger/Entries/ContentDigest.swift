package import Stores

/// The sum of all fingerprints of a store: the same for the same documents in any order.
package struct ContentDigest: Equatable {
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  /// How many fingerprints the sum contains.
  package private(set) var count = 0

  /// Creates the sum of no documents.
  package init() {}

  /// Adds a document's fingerprint.
  package mutating func add(_ fingerprint: DocumentDigest) {
    let (sum, overflow) = low.addingReportingOverflow(fingerprint.low)
    low = sum
    high = high &+ fingerprint.high &+ (overflow ? 1 : 0)
    count += 1
  }

  /// The sum as bytes, in network byte order.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }
}
