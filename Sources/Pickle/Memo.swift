/// What a pickle has numbered so that it can refer to it again.
///
/// CPython numbers upwards and never reuses a number; neither may a file that is read here.
struct Memo {
  /// Numbers that follow one another from `base`, as every pickler writes them.
  private var dense: [Item?] = []
  private var base: Int?
  /// Numbers after a gap, as `pickletools.optimize` leaves them, and whatever outlives a pruning.
  private var sparse: [Int: Item] = [:]
  private var highest = -1
  /// The numbers that will be asked for; nil while that is not known.
  private var wanted: Set<Int>?

  /// How many entries the pickle has made, kept or not; MEMOIZE takes this as its number.
  private(set) var made = 0

  /// How many entries are held.
  var held: Int { dense.count + sparse.count }

  var isPruned: Bool { wanted != nil }

  /// Keeps an item; false where its number has been passed already.
  ///
  /// - Returns: the number of entries that are now held, or nil for a number out of order.
  mutating func put(_ item: Item, at index: Int) -> Bool {
    guard index > highest else { return false }
    highest = index
    made += 1
    if let wanted {
      if wanted.contains(index) { sparse[index] = item }
      return true
    }
    if base == nil { base = index }
    if let base, sparse.isEmpty, index == base + dense.count {
      dense.append(item)
    } else {
      sparse[index] = item
    }
    return true
  }

  func get(_ index: Int) -> Item? {
    if let base, index >= base, index - base < dense.count { return dense[index - base] }
    return sparse[index]
  }

  func forEachHeld(_ body: (Int, Item) -> Void) {
    for (position, item) in dense.enumerated() {
      if let item { body((base ?? 0) + position, item) }
    }
    for (index, item) in sparse { body(index, item) }
  }

  /// Lets go of all that is not in `indexes`, now and from now on.
  mutating func keepOnly(_ indexes: Set<Int>) {
    var kept: [Int: Item] = [:]
    for index in indexes { kept[index] = get(index) }
    dense = []
    base = nil
    sparse = kept
    wanted = indexes
  }
}
