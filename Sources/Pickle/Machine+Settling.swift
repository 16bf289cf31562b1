// Vectors that wait on the stack for their tuple.
extension Machine {
  /// Keeps of a complete vector on top of the stack only where its numbers are.
  ///
  /// Nothing can change it any more: what comes next is a sequence, and a vector that took it in
  /// would be none. An array may be a number that a list still takes in.
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

  /// Takes the last vector off the list that the stack ends with, as a list of its own; nil where
  /// it ends with something else.
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
  /// True for what can stand directly behind a complete vector in a sequence of vectors.
  var mayFollowRow: Bool {
    switch self {
    case .sequence, .array: true
    default: false
    }
  }

  /// True for a sequence of numbers or an array of them that is complete.
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
