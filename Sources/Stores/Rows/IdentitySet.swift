internal import Digests

/// A set of UUIDs in one array, to find repeated ids; it takes about twenty bytes for each UUID.
struct IdentitySet {
  /// The slots of a hash table; a UUID whose slot is taken is in one of the next slots.
  ///
  /// A UUID of zeros is a free slot.
  private var slots: [UUIDValue]
  private(set) var count = 0

  private static let free = UUIDValue(bytes: [UInt8](repeating: 0, count: 16))

  /// Creates an empty set with room for `capacity` identities.
  init(capacity: Int) {
    slots = Self.slots(for: capacity)
  }

  /// Adds an identity, which must not be all zeros; returns false where the set already has the
  /// identity.
  mutating func insert(_ id: UUIDValue) -> Bool {
    if count * 5 >= slots.count * 4 { grow() }
    let slot = slot(of: id)
    if slots[slot] == id { return false }
    slots[slot] = id
    count += 1
    return true
  }

  /// Finds the slot of an identity, or the free slot where it belongs.
  private func slot(of id: UUIDValue) -> Int {
    var slot = Int(UInt(bitPattern: id.hashValue) % UInt(slots.count))
    while slots[slot] != id, slots[slot] != Self.free {
      slot += 1
      if slot == slots.count { slot = 0 }
    }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = Self.slots(for: 2 * count + 16)
    for id in old where id != Self.free { slots[slot(of: id)] = id }
  }

  private static func slots(for capacity: Int) -> [UUIDValue] {
    guard let free else { preconditionFailure("sixteen bytes are a UUID") }
    return [UUIDValue](repeating: free, count: capacity + capacity / 4 + 2)
  }
}
