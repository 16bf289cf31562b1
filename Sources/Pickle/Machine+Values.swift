extension Machine {
  /// Processes an opcode that makes dictionaries, sets or objects; refuses the opcode while vectors
  /// are read.
  mutating func keptContainer(_ opcode: Opcode) throws(PickleError) {
    guard case .values = mode else { throw PickleError(.opcodeNotAllowed) }
    switch opcode {
    case .emptyDict: try push(.mapping(MappingNode()))
    case .dict:
      let node = MappingNode()
      try fill(node, with: try popToMark().items)
      try push(.mapping(node))
    case .setitem:
      let value = try pop()
      let key = try pop()
      try fill(try mapping(), with: [key, value])
    case .setitems:
      let items = try popToMark().items
      try fill(try mapping(), with: items)
    case .emptySet: try push(.sequence(SequenceNode(.set, start: opcodeOffset)))
    case .additems:
      let items = try popToMark().items
      guard stack.count > fence, case .sequence(let node) = stack[stack.count - 1],
        node.shape == .set
      else { throw PickleError(.malformed("there is no set to add to")) }
      try gather(items, into: node)
    case .frozenset:
      let (items, offset) = try popToMark()
      let node = SequenceNode(.set, start: offset)
      try gather(items, into: node)
      node.isSealed = true
      try push(.sequence(node))
    default: try newObject()
    }
  }

  private func mapping() throws(PickleError) -> MappingNode {
    guard stack.count > fence, case .mapping(let node) = stack[stack.count - 1] else {
      throw PickleError(.malformed("there is no dict to add to"))
    }
    return node
  }

  private mutating func fill(_ node: MappingNode, with items: [Item]) throws(PickleError) {
    guard !node.isSealed else {
      throw PickleError(.malformed("a dict changes after it was used: a cycle"))
    }
    guard items.count.isMultiple(of: 2) else {
      throw PickleError(.malformed("a dict with a key but no value"))
    }
    node.depth = max(node.depth, try seal(items) + 1)
    try checkDepth(node.depth)
    try spend(items.reduce(0) { $0 + $1.cost })
    for index in stride(from: 0, to: items.count, by: 2) {
      node.pairs.append((items[index], items[index + 1]))
    }
  }

  /// Records `class.__new__(class, *arguments)` without calling it.
  private mutating func newObject() throws(PickleError) {
    let arguments = try pop()
    let type = try pop()
    guard case .global(let global) = type, case .named = global,
      case .sequence(let node) = arguments, node.shape == .tuple,
      case .items(let items) = node.content
    else { throw PickleError(.malformed("an object that is not made from a named class")) }
    try pushObject(global, items)
  }

  mutating func pushObject(_ type: Global, _ arguments: [Item]) throws(PickleError) {
    let depth = try seal(arguments) + 1
    try checkDepth(depth)
    try spend(arguments.reduce(0) { $0 + $1.cost })
    try push(.object(ObjectNode(type: type, arguments: arguments, depth: depth)))
  }

  mutating func setState(_ state: Item, of node: ObjectNode) throws(PickleError) {
    node.depth = max(node.depth, try seal([state]) + 1)
    try checkDepth(node.depth)
    try spend(state.cost)
    node.state = state
  }
}
