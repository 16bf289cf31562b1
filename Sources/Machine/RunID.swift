public import Digests

/// A run's id: 128 random bits, written as a version 4 UUID.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
  /// The id as a value.
  public let uuid: UUIDValue

  /// Creates a new id from the system's random numbers.
  ///
  /// No clock is used: clocks may be wrong, and runs may start at the same time.
  public init() {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    guard let uuid = UUIDValue(bytes: bytes) else { preconditionFailure("sixteen bytes were made") }
    self.uuid = uuid
  }

  /// Reads an id in the usual form with dashes.
  public init?(_ text: String) {
    guard let uuid = UUIDValue(text) else { return nil }
    self.uuid = uuid
  }

  /// Creates an id from a UUID.
  public init(uuid: UUIDValue) { self.uuid = uuid }

  /// The id in the usual form with dashes.
  public var description: String { uuid.description }
}
