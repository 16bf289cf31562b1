/// The entries that a pickle has numbered in order to refer to them later.
///
/// CPython gives rising numbers and never uses a number again; a file that is read here must do the
/// same.
struct Memo {
  /// The entries whose numbers follow one another from `base`, which is what Python's picklers
  /// write.
  private var dense: [Item?] = []
  private var base: Int?
  /// The entries after a gap in the numbers, as `pickletools.optimize` leaves gaps, and the entries
  /// that `keepOnly` has kept.
  private var sparse: [Int: Item] = [:]
  private var highest = -1
  /// The numbers of the entries that the pickle will read later; nil while these are not known.
  private var wanted: Set<Int>?

  /// The numbers of the entries that have been read.
  private(set) var asked: Set<Int> = []

  /// The number of entries that the pickle has made, kept or not; the opcode MEMOIZE gives this
  /// number to the next entry.
  private(set) var made = 0

  /// The number of entries that are kept.
  var held: Int { dense.count + sparse.count }

  var isPruned: Bool { wanted != nil }

  /// Keeps an item under a number; returns false where the number is not above all earlier numbers.
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

  /// Returns the entry with a number, which counts as read from then on; nil where there is no such
  /// entry.
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

  /// Keeps only entries whose numbers are in `indexes`, now and later; removes all others.
  mutating func keepOnly(_ indexes: Set<Int>) {
    var kept: [Int: Item] = [:]
    for index in indexes { kept[index] = item(index) }
    dense = []
    base = nil
    sparse = kept
    wanted = indexes
  }
}
