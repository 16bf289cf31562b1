/// The entries that a pickle has numbered in order to refer to them again.
///
/// CPython numbers upwards and never reuses a number; a file that is read here must do the same.
struct Memo {
  /// The entries whose numbers follow one another from `base`, as every pickler writes them.
  private var dense: [Item?] = []
  private var base: Int?
  /// The entries after a gap, as `pickletools.optimize` leaves them, and those that stay after a
  /// pruning.
  private var sparse: [Int: Item] = [:]
  private var highest = -1
  /// The numbers that will be read; nil while that is not known.
  private var wanted: Set<Int>?

  /// The numbers that have been read.
  private(set) var asked: Set<Int> = []

  /// How many entries the pickle has made, kept or not; MEMOIZE uses this as its number.
  private(set) var made = 0

  /// How many entries are kept.
  var held: Int { dense.count + sparse.count }

  var isPruned: Bool { wanted != nil }

  /// Keeps an item; false where its number is not above all earlier ones.
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

  /// Returns the entry under a number, which counts as read from then on.
  mutating func get(_ index: Int) -> Item? {
    guard let item = item(index) else { return nil }
    asked.insert(index)
    return item
  }

  private func item(_ index: Int) -> Item? {
    if let base, index >= base, index - base < dense.count { return dense[index - base] }
    return sparse[index]
  }

  /// The entries that have been read.
  var askedItems: [(index: Int, item: Item)] {
    asked.compactMap { index in item(index).map { (index, $0) } }
  }

  /// Removes all entries that are not in `indexes`, now and from now on.
  mutating func keepOnly(_ indexes: Set<Int>) {
    var kept: [Int: Item] = [:]
    for index in indexes { kept[index] = item(index) }
    dense = []
    base = nil
    sparse = kept
    wanted = indexes
  }
}
