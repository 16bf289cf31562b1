/// The memo entries that vectors may refer to; immutable, so that several tasks can share them.
struct FrozenMemo: Sendable {
  indirect enum Entry: Sendable {
    case number(Number)
    case scalar(Number)
    case none
    case bool(Bool)
    case bytes(ByteSpan)
    case global(Global)
    case type(ElementType)
    case array(ArrayLayout)
    case tuple([Entry])
  }

  private var entries: [Int: Entry] = [:]

  init() {}

  /// Takes those entries of a memo that were read at least once; lists are left out.
  init(_ memo: Memo) {
    for (index, item) in memo.askedItems {
      if let entry = Entry(item) { entries[index] = entry }
    }
  }

  /// Creates a memo with these entries, for running a row's opcodes again.
  func mutableCopy() -> Memo {
    var memo = Memo()
    for index in entries.keys.sorted() {
      if let entry = entries[index] { _ = memo.put(entry.item, at: index) }
    }
    return memo
  }
}

extension FrozenMemo.Entry {
  init?(_ item: Item) {
    switch item {
    case .number(let number, _): self = .number(number)
    case .scalar(let number): self = .scalar(number)
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .bytes(let span): self = .bytes(span)
    case .global(let global): self = .global(global)
    case .type(let node): self = .type(node.type)
    case .array(let node):
      guard let layout = node.layout else { return nil }
      self = .array(layout)
    case .sequence(let node):
      guard node.shape == .tuple, case .items(let items) = node.content else { return nil }
      var entries: [Self] = []
      for item in items {
        guard let entry = Self(item) else { return nil }
        entries.append(entry)
      }
      self = .tuple(entries)
    default: return nil
    }
  }

  var item: Item {
    switch self {
    case .number(let number): return .number(number, at: 0)
    case .scalar(let number): return .scalar(number)
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .bytes(let span): return .bytes(span)
    case .global(let global): return .global(global)
    case .type(let type):
      let node = ElementNode(type)
      node.isSealed = true
      return .type(node)
    case .array(let layout):
      let node = ArrayNode(layout)
      node.isSealed = true
      return .array(node)
    case .tuple(let entries):
      let node = SequenceNode(.tuple, start: 0, content: .items(entries.map(\.item)))
      node.isSealed = true
      return .sequence(node)
    }
  }
}
