extension Machine {
  mutating func sequence(_ opcode: Opcode) throws(PickleError) {
    switch opcode {
    case .emptyList: try push(.sequence(SequenceNode(.list, start: opcodeOffset)))
    case .emptyTuple: try push(.sequence(SequenceNode(.tuple, start: opcodeOffset)))
    case .list:
      let (items, offset) = try popToMark()
      let node = SequenceNode(.list, start: offset)
      try gather(items, into: node)
      try push(.sequence(node))
    case .tuple:
      let (items, offset) = try popToMark()
      try pushTuple(items, start: offset)
    case .tuple1: try pushTuple(try popNumbers(1), start: nil)
    case .tuple2: try pushTuple(try popNumbers(2), start: nil)
    case .tuple3: try pushTuple(try popNumbers(3), start: nil)
    case .append: try extendList(with: [try pop()])
    default: try extendList(with: try popToMark().items)
    }
  }

  private mutating func extendList(with items: [Item]) throws(PickleError) {
    guard stack.count > fence, case .sequence(let node) = stack[stack.count - 1],
      node.shape == .list
    else { throw PickleError(.malformed("there is no list to append to")) }
    try gather(items, into: node)
  }

  /// Removes as many items from the top of the stack as make up `count` values.
  ///
  /// Several numbers or rows that are held in one item count as that many values.
  private mutating func popNumbers(_ count: Int) throws(PickleError) -> [Item] {
    var items: [Item] = []
    var missing = count
    while missing > 0 {
      if let list = try popRows(atMost: missing) {
        missing -= list.rows.count
        items.append(.rows(list))
        continue
      }
      let item = try pop()
      if case .numbers(let run) = item {
        guard run.count <= missing else {
          throw PickleError(.notRows("a vector stands among numbers"))
        }
        missing -= run.count
      } else {
        missing -= 1
      }
      items.append(item)
    }
    return items.reversed()
  }

  /// Pushes a tuple; a tuple with few items, such as NumPy's arguments, is kept unchanged.
  private mutating func pushTuple(_ items: [Item], start: Int?) throws(PickleError) {
    let node = SequenceNode(.tuple, start: start ?? opcodeOffset)
    if (items.count <= 9 && !items.contains(where: \.isRows)) || keepsItems {
      node.depth = try seal(items) + 1
      node.weight = items.reduce(0) { $0 + $1.cost }
      node.content = .items(items)
    } else {
      try gather(items, into: node)
    }
    try checkDepth(node.depth)
    node.isSealed = true
    try push(.sequence(node))
  }

  func checkDepth(_ depth: Int) throws(PickleError) {
    guard depth <= limits.depth else {
      throw PickleError(.limit("nesting deeper than \(limits.depth)"))
    }
  }

  /// Makes these items immutable from here on; returns the depth of the item with the deepest
  /// nesting.
  func seal(_ items: [Item]) throws(PickleError) -> Int {
    var depth = 0
    for item in items {
      item.seal()
      depth = max(depth, item.depth)
    }
    return depth
  }

  /// Adds items to a sequence; while vectors are read, the numbers of a vector are only counted.
  mutating func gather(_ items: [Item], into node: SequenceNode) throws(PickleError) {
    guard !node.isSealed else {
      throw PickleError(.malformed("a list changes after it was used: a cycle"))
    }
    node.depth = max(node.depth, try seal(items) + 1)
    try checkDepth(node.depth)
    if keepsItems { return try keep(items, in: node) }
    guard let first = items.first else { return }
    if first.isNumber {
      try gatherNumbers(items, into: node)
    } else {
      try gatherRows(items, into: node)
    }
  }

  private mutating func keep(_ items: [Item], in node: SequenceNode) throws(PickleError) {
    guard case .items(var all) = node.content else { return }
    node.content = .items([])  // so that appending does not copy
    all.append(contentsOf: items)
    node.content = .items(all)
    try spend(items.reduce(0) { $0 + $1.cost })
  }

  private func gatherNumbers(_ items: [Item], into node: SequenceNode) throws(PickleError) {
    var run = try NumberRun(items, limits: limits)
    switch node.content {
    case .numbers(let earlier):
      run.start = earlier.start
      run.count += earlier.count
      run.isPlain = run.isPlain && earlier.isPlain
    case .items(let earlier) where earlier.isEmpty: break
    default: throw PickleError(.notRows("numbers stand among vectors"))
    }
    guard run.count <= limits.width else {
      throw PickleError(.limit("a vector of more than \(limits.width) numbers"))
    }
    node.content = .numbers(run)
  }

  private mutating func gatherRows(_ items: [Item], into node: SequenceNode) throws(PickleError) {
    var rows: [Row]
    switch node.content {
    case .rows(let earlier): rows = earlier
    case .items(let earlier) where earlier.isEmpty: rows = []
    default: throw PickleError(.notRows("a vector stands among numbers"))
    }
    node.content = .items([])  // so that appending does not copy
    for item in items {
      if case .rows(let list) = item {
        // The numbers of these rows were counted when each row was completed.
        if rows.isEmpty { rows = list.rows } else { rows += list.rows }
      } else {
        try spend(32)
        rows.append(try row(item, number: rows.count))
      }
    }
    node.content = .rows(rows)
  }
}

extension Item {
  var isRun: Bool {
    if case .numbers = self { return true }
    return false
  }

  var isRows: Bool {
    if case .rows = self { return true }
    return false
  }

  /// True for an item that can be one number of a vector.
  var isNumber: Bool {
    switch self {
    case .number, .numbers, .scalar: true
    case .array(let node): node.layout?.dimensions == 0
    default: false
    }
  }

  func seal() {
    switch self {
    case .sequence(let node): node.isSealed = true
    case .mapping(let node): node.isSealed = true
    case .object(let node): node.isSealed = true
    case .type(let node): node.isSealed = true
    case .array(let node): node.isSealed = true
    default: break
    }
  }
}

extension NumberRun {
  /// Creates one run from items that are all numbers; refuses any other item.
  init(_ items: [Item], limits: PickleLimits) throws(PickleError) {
    self.init(start: 0, count: 0, isPlain: true)
    for (index, item) in items.enumerated() {
      switch item {
      case .number(_, let offset):
        if index == 0 { start = offset }
        count += 1
      case .numbers(let run):
        if index == 0 { start = run.start }
        count += run.count
      case .scalar: (count, isPlain) = (count + 1, false)
      case .array(let node) where node.layout?.dimensions == 0:
        (count, isPlain) = (count + 1, false)
      default: throw PickleError(.notRows("\(item.what) stands among the numbers of a vector"))
      }
    }
  }
}
