// Vectors on the stack whose tuple is not complete yet.
extension Machine {
  /// Replaces a complete vector on top of the stack by the place of the vector's numbers.
  ///
  /// The vector cannot change any more, because a sequence or an array comes next, and a vector
  /// contains neither. An exception is a list before an array: the array may be a number of the
  /// list where it has no dimensions, so the list stays as it is.
  mutating func settleRow(before next: Item) throws(PickleError) {
    guard stack.count > fence, let last = stack.last, last.isCompleteRow else { return }
    if case .array = next, case .sequence(let node) = last, node.shape == .list { return }
    let item = try pop()
    item.seal()
    if stack.count > fence, case .rows(let list) = stack[stack.count - 1] {
      try spend(32)
      list.rows.append(try row(item, number: list.rows.count))
    } else {
      let list = RowList([try row(item, number: 0)])
      try spend(32 + Item.rows(list).cost)
      stack.append(.rows(list))
    }
  }

  /// Removes the last vectors, at most `count`, from the list of vectors on top of the stack, and
  /// returns them as a list; nil where another item is on top.
  mutating func popRows(atMost count: Int) throws(PickleError) -> RowList? {
    guard stack.count > fence, case .rows(let list) = stack[stack.count - 1] else { return nil }
    if list.rows.count <= count {
      _ = try pop()
      return list
    }
    let taken = RowList(Array(list.rows.suffix(count)))
    list.rows.removeLast(count)
    return taken
  }
}

extension Item {
  /// True for an item that can directly follow a complete vector in a sequence of vectors.
  var mayFollowRow: Bool {
    switch self {
    case .sequence, .array: true
    default: false
    }
  }

  /// True for a sequence of numbers and for a complete array of one dimension, where they are not
  /// empty.
  fileprivate var isCompleteRow: Bool {
    switch self {
    case .array(let node):
      return node.isSealed && node.layout?.dimensions == 1 && (node.layout?.shape[0] ?? 0) > 0
    case .sequence(let node):
      switch node.content {
      case .numbers(let run): return run.count > 0
      case .items(let items): return !items.isEmpty && items.allSatisfy(\.isNumber)
      case .rows: return false
      }
    default: return false
    }
  }
}
