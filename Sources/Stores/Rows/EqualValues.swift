internal import Digests

/// The hashes of a sequence of values, by which the first value that is equal to a new value is
/// found.
///
/// The hashes need some thirty bytes for each value that differs from all earlier values.
struct EqualValues {
  private struct Slot {
    var hash: KeyedHash.Value
    /// The position of the first value with this hash.
    var position: Int
  }

  /// The number of added values.
  private(set) var count = 0
  /// The slots of a hash table; a value whose slot is taken is in one of the next slots.
  ///
  /// A free slot has a position below 0; an optional position would take eight bytes more.
  private var slots: [Slot] = []
  private var used = 0
  private let expected: Int

  private static let free = Slot(hash: KeyedHash.Value(high: 0, low: 0), position: -1)

  /// Creates an empty sequence for about this many values; more values can be added.
  init(expected: Int) {
    // A small file may claim many values, so the memory for them is limited.
    self.expected = min(expected, 4 << 20)
  }

  /// Adds the next value; returns the position of the first value that is equal to it, or that of
  /// the new value where no earlier value is equal.
  mutating func add(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) -> Int {
    let hash = try KeyedHash.ofProcess.hash(bytes)
    if used * 5 >= slots.count * 4 { grow() }
    let slot = slot(of: hash)
    if slots[slot].position < 0 {
      slots[slot] = Slot(hash: hash, position: count)
      used += 1
    }
    count += 1
    return slots[slot].position
  }

  /// Finds the slot of a hash, or the free slot where it belongs.
  private func slot(of hash: KeyedHash.Value) -> Int {
    var slot = Int(UInt(bitPattern: hash.hashValue) % UInt(slots.count))
    while slots[slot].position >= 0, slots[slot].hash != hash {
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return slot
  }

  private mutating func grow() {
    let old = slots
    let capacity = max(2 * used + 16, expected)
    slots = [Slot](repeating: Self.free, count: capacity + capacity / 4 + 2)
    for value in old where value.position >= 0 { slots[slot(of: value.hash)] = value }
  }
}
