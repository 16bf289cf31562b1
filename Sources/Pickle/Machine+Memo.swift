extension Machine {
  /// The number of entries that the memo may have before entries that are not needed are removed.
  static let pruningThreshold = 1 << 16

  mutating func memory(_ opcode: Opcode) throws(PickleError) {
    switch opcode {
    case .memoize: try put(memo.made)
    case .put: try put(try decimalIndex())
    case .binput: try put(Int(try window.byte()))
    case .longBinput: try put(Int(try window.integer(UInt32.self)))
    case .get: try get(try decimalIndex())
    case .binget: try get(Int(try window.byte()))
    default: try get(Int(try window.integer(UInt32.self)))
    }
  }

  private mutating func decimalIndex() throws(PickleError) -> Int {
    let line = try window.line(atMost: 20)
    guard let number = Number(integerLine: line), let index = number.integer, index >= 0 else {
      throw PickleError(.malformed("a memo index that is no number"))
    }
    return index
  }

  private mutating func put(_ index: Int) throws(PickleError) {
    if case .replay = mode { return }
    guard stack.count > fence, let item = stack.last else {
      throw PickleError(.malformed("there is nothing to put into the memo"))
    }
    switch item {
    case .number, .numbers: throw PickleError(.unsupported("a number in the memo"))
    default: break
    }
    guard index <= window.size else {
      throw PickleError(.limit("memo index \(index) in a file of \(window.size) bytes"))
    }
    let held = memo.held
    guard memo.put(item, at: index) else {
      throw PickleError(.malformed("memo index \(index) comes out of order"))
    }
    if memo.held > held { try spend(item.cost + 64) }
    if memo.held >= Self.pruningThreshold, !memo.isPruned { try prune() }
  }

  private mutating func get(_ index: Int) throws(PickleError) {
    let asked = memo.asked.count
    guard let item = memo.get(index) else {
      throw PickleError(.malformed("memo index \(index) was never set"))
    }
    if memo.asked.count > asked { try spend(64) }
    _ = try seal([item])
    if case .number(let number, _) = item { return try push(.scalar(number)) }
    try push(item)
  }

  /// Reads ahead to find the memo indexes that later opcodes read, and removes all other entries.
  ///
  /// A store of NumPy scalars makes three entries for each number and reads two of them.
  private mutating func prune() throws(PickleError) {
    let here = window.offset
    let before = memo.held
    var wanted: Set<Int> = []
    while let index = try window.nextFetch() {
      wanted.insert(index)
      guard wanted.count <= window.size / 64 + Self.pruningThreshold else {
        throw PickleError(.limit("more shared values than a file of this size may hold"))
      }
    }
    try window.seek(to: here)
    memo.keepOnly(wanted)
    try spend((memo.held - before) * 128 + wanted.count * 32)
  }
}

extension ByteWindow {
  /// Skips opcodes up to the next GET opcode and returns the memo index that it reads; nil where no
  /// GET follows.
  ///
  /// Only the lengths of opcodes are checked here; the machine itself checks everything else
  /// afterwards.
  mutating func nextFetch() throws(PickleError) -> Int? {
    while left > 0 {
      let floats = try countFloats()
      if floats > 0 {
        try skip(floats * floatStride)
        continue
      }
      guard let opcode = Opcode(rawValue: try byte()), opcode != .stop else { return nil }
      switch opcode {
      case .get: return Int(String(decoding: try line(atMost: 20), as: UTF8.self))
      case .binget: return Int(try byte())
      case .longBinget: return Int(try integer(UInt32.self))
      default: try passArgument(opcode)
      }
    }
    return nil
  }

  private mutating func passArgument(_ opcode: Opcode) throws(PickleError) {
    switch opcode {
    case .proto, .binint1, .binput: try skip(1)
    case .binint2: try skip(2)
    case .binint, .longBinput: try skip(4)
    case .frame, .binfloat: try skip(8)
    case .long1, .shortBinstring, .shortBinunicode, .shortBinbytes: try skip(Int(try byte()))
    case .long4, .binstring: try skip(Int(try integer(Int32.self)))
    case .binunicode, .binbytes: try skip(Int(try integer(UInt32.self)))
    case .binunicode8, .binbytes8, .bytearray8:
      try skip(Int(clamping: try integer(UInt64.self)))
    case .int, .long, .float, .string, .unicode, .put: try passLine()
    case .global:
      try passLine()
      try passLine()
    default: break
    }
  }

  private mutating func passLine() throws(PickleError) {
    repeat { _ = passHole(before: size) } while try byte() != 0x0A
  }
}
