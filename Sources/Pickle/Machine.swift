/// Runs a pickle's opcodes on a stack of items; imports nothing, and calls nothing that the pickle
/// names.
///
/// While reading rows, the machine keeps only the place of each vector's numbers, so that its
/// memory stays small in comparison with the file. The whole structure is checked before any row is
/// returned.
struct Machine: ~Copyable {
  enum Mode {
    /// The mode for rows: vectors become ``Row`` values.
    case rows
    /// The mode for small pickles: all values are kept, and objects of these classes are allowed,
    /// but not made.
    case values(classes: Set<String>)
    /// The mode for one row: its opcodes are run again, and its numbers are kept.
    case replay
  }

  struct Mark {
    /// The number of items on the stack below the mark.
    var height: Int
    /// The offset of the mark's opcode.
    var offset: Int
  }

  let mode: Mode
  let limits: PickleLimits
  /// True to process several BINFLOAT opcodes at once; false where rows are not read, and where a
  /// test compares both ways.
  let takesRuns: Bool

  var window: ByteWindow
  var stack: [Item] = []
  var marks: [Mark] = []
  var memo: Memo
  /// The offset of the opcode that is being run.
  var opcodeOffset = 0
  /// The offset where the current frame of the pickle ends.
  private(set) var frameEnd = 0

  /// The layouts of arrays whose data must be decoded from text.
  var encoded: [ArrayLayout] = []
  /// Short rows that are kept by value.
  var kept: [[Number]] = []
  /// The collector of the numbers, where a whole store is read in one pass; otherwise nil.
  var collector: Collector?
  /// The count of the numbers in all rows so far.
  var cells = 0

  private let budget: Int
  private var spent = 0

  init(
    _ source: any PickleSource, mode: Mode, limits: PickleLimits, memo: Memo = Memo(),
    takesRuns: Bool = true
  ) {
    self.mode = mode
    self.limits = limits
    self.memo = memo
    if case .rows = mode { self.takesRuns = takesRuns } else { self.takesRuns = false }
    window = ByteWindow(source)
    budget = 3 * min(window.size, .max / 8) + min(limits.memory, .max / 8)
  }

  /// Prepares for running the opcodes from `offset` on.
  mutating func restart(at offset: Int) throws(PickleError) {
    stack.removeAll(keepingCapacity: true)
    marks.removeAll(keepingCapacity: true)
    spent = 0
    frameEnd = 0
    try window.seek(to: offset)
  }

  /// True where every item is kept, not only the places of numbers.
  var keepsItems: Bool {
    if case .rows = mode { return false }
    return true
  }

  /// Runs the pickle to its end and returns its value.
  mutating func run() throws(PickleError) -> Item {
    while try step() {}
    guard stack.count == 1, marks.isEmpty, let result = stack.first else {
      throw PickleError(
        .malformed("STOP with \(stack.count) items instead of one"), at: opcodeOffset,
        opcode: Opcode.stop.rawValue)
    }
    guard window.left == 0 else {
      throw PickleError(.trailingBytes(window.left), at: window.offset)
    }
    return result
  }

  /// Runs one opcode; returns false after STOP.
  mutating func step() throws(PickleError) -> Bool {
    opcodeOffset = window.offset
    let byte = try window.byte()
    guard let opcode = Opcode(rawValue: byte) else {
      throw PickleError(.unknownOpcode, at: opcodeOffset, opcode: byte)
    }
    do throws(PickleError) {
      let goesOn = try execute(opcode)
      // CPython loses bytes where an opcode extends beyond its frame, so such a file is damaged.
      if opcodeOffset < frameEnd, window.offset > frameEnd, opcode != .frame {
        throw PickleError(.malformed("an opcode reaches beyond its frame"))
      }
      return goesOn
    } catch {
      throw PickleError(error.kind, at: error.offset ?? opcodeOffset, opcode: byte)
    }
  }

  private mutating func execute(_ opcode: Opcode) throws(PickleError) -> Bool {
    switch opcode {
    case .stop: return false
    case .binfloat where takesRuns: try floatRun()
    case .float, .binfloat, .int, .long, .binint, .binint1, .binint2, .long1, .long4,
      .newtrue, .newfalse:
      try number(opcode)
    case .string, .binstring, .shortBinstring, .unicode, .binunicode, .shortBinunicode,
      .binunicode8, .binbytes, .shortBinbytes, .binbytes8, .bytearray8:
      try string(opcode)
    case .emptyList, .list, .append, .appends, .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3:
      try sequence(opcode)
    case .emptyDict, .dict, .setitem, .setitems, .emptySet, .additems, .frozenset, .newobj:
      try keptContainer(opcode)
    case .put, .binput, .longBinput, .memoize, .get, .binget, .longBinget: try memory(opcode)
    case .global: try global()
    case .stackGlobal: try stackGlobal()
    case .reduce: try reduce()
    case .build: try build()
    case .none: try push(.none)
    case .mark:
      try spend(48)
      marks.append(Mark(height: stack.count, offset: opcodeOffset))
    case .proto, .frame: try header(opcode)
    case .newobjEx, .inst, .obj, .persid, .binpersid, .ext1, .ext2, .ext4, .pop, .popMark, .dup,
      .nextBuffer, .readonlyBuffer:
      throw PickleError(.opcodeNotAllowed)
    }
    return true
  }

  private mutating func header(_ opcode: Opcode) throws(PickleError) {
    if opcode == .proto {
      let version = try window.byte()
      guard opcodeOffset == 0 else { throw PickleError(.malformed("PROTO inside the pickle")) }
      guard version <= 5 else {
        throw PickleError(.unsupported("pickle protocol \(version) is not known"))
      }
    } else {
      let length = try window.integer(UInt64.self)
      guard length <= UInt64(window.left) else { throw PickleError(.truncated) }
      guard opcodeOffset >= frameEnd else {
        throw PickleError(.malformed("a frame inside of another frame"))
      }
      frameEnd = window.offset + Int(length)
    }
  }
}

// The stack, and the meter of the memory in use.
extension Machine {
  /// The number of items below the last mark, which opcodes may not remove.
  var fence: Int { marks.last?.height ?? 0 }

  /// Counts `bytes` against the memory budget; a negative number gives bytes back.
  mutating func spend(_ bytes: Int) throws(PickleError) {
    spent += bytes
    guard spent <= budget else {
      throw PickleError(.limit("more small values than a file of this size may hold"))
    }
  }

  mutating func push(_ item: Item) throws(PickleError) {
    if case .rows = mode, item.mayFollowRow { try settleRow(before: item) }
    try spend(item.cost)
    stack.append(item)
  }

  mutating func pop() throws(PickleError) -> Item {
    guard stack.count > fence, let item = stack.popLast() else {
      throw PickleError(.malformed("the stack is empty"))
    }
    try spend(-item.cost)
    return item
  }

  /// Removes the last mark and everything above it; returns the items that were above, and the
  /// mark's offset.
  mutating func popToMark() throws(PickleError) -> (items: [Item], offset: Int) {
    guard let mark = marks.popLast() else { throw PickleError(.malformed("no mark")) }
    let items = Array(stack[mark.height...])
    stack.removeLast(items.count)
    try spend(-48 - items.reduce(0) { $0 + $1.cost })
    return (items, mark.offset)
  }
}
