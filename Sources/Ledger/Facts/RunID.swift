internal import Digests
package import Postgres

/// A run's id: 128 random bits, written as a version 4 UUID.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
  /// The id as the database holds it.
  package let uuid: UUIDBytes

  /// Creates a new id from the system's random source: clocks may be wrong, and runs may start at
  /// the same time.
  package init() {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    guard let uuid = UUIDBytes(bytes) else { preconditionFailure("sixteen bytes were made") }
    self.uuid = uuid
  }

  /// Reads an id in the usual form with dashes.
  package init?(_ text: String) {
    guard let bytes = UUIDValue(text)?.bytes, let uuid = UUIDBytes(bytes) else { return nil }
    self.uuid = uuid
  }

  /// Creates an id from the value that the database holds.
  package init(uuid: UUIDBytes) { self.uuid = uuid }

  /// The id in the usual form with dashes.
  package var description: String { uuid.description }
}
