package import Stores

/// The sum of the fingerprints of a store's documents: it is the same for the same documents in any
/// order.
package struct ContentDigest: Equatable {
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  /// The number of fingerprints that were added.
  package private(set) var count = 0

  /// Creates the sum for a store without documents.
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
