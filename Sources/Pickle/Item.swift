/// One item on the machine's stack: inert, and small whatever it represents.
enum Item {
  /// A number, with the offset of its opcode.
  case number(Number, at: Int)
  /// Several number opcodes that stand one after another.
  case numbers(NumberRun)
  /// A number whose opcode is elsewhere: a NumPy scalar, or a number from the memo.
  case scalar(Number)
  case none
  case bool(Bool)
  case bytes(ByteSpan)
  case global(Global)
  case type(ElementNode)
  case array(ArrayNode)
  case sequence(SequenceNode)
  /// Complete vectors, before the sequence that will contain them is made.
  case rows(RowList)
  case mapping(MappingNode)
  case object(ObjectNode)

  /// The name of the item in messages.
  var what: String {
    switch self {
    case .number, .numbers, .scalar: "a number"
    case .none: "None"
    case .bool: "a bool"
    case .bytes(let span): span.content == .bytes ? "bytes" : "a string"
    case .global(let global): "the name \(global.description)"
    case .type: "a NumPy dtype"
    case .array: "a NumPy array"
    case .sequence(let node): "a \(node.shape)"
    case .rows: "a vector"
    case .mapping: "a dict"
    case .object: "an object"
    }
  }

  /// The depth of the item's nesting.
  var depth: Int {
    switch self {
    case .sequence(let node): node.depth
    case .mapping(let node): node.depth
    case .object(let node): node.depth
    case .array, .type, .rows: 1
    default: 0
    }
  }

  /// How many bytes the machine's meter counts for the item, somewhat more than the item occupies.
  var cost: Int {
    switch self {
    case .sequence(let node): 192 + node.weight
    case .type, .array, .mapping, .object: 192
    default: 64
    }
  }
}

/// Number opcodes that follow one another in the file; the only opcodes between them add numbers to
/// a sequence.
struct NumberRun: Equatable, Sendable {
  /// The offset of the first number's opcode.
  var start: Int
  var count: Int
  /// False where some numbers are elsewhere in the file, so that the opcodes must be run again.
  var isPlain: Bool
}

/// The places of the numbers of vectors that follow one another on the stack.
///
/// Above a tuple's mark, every vector stays on the stack until the tuple ends; as items of their
/// own the vectors would take many times the file's size.
final class RowList {
  var rows: [Row]

  init(_ rows: [Row]) { self.rows = rows }
}

/// A list, tuple or set under construction, then sealed.
final class SequenceNode {
  enum Shape { case list, tuple, set }

  let shape: Shape
  /// The offset of the first opcode of the sequence.
  let start: Int
  /// True once another item contains the sequence; it may not change then, so that there can be no
  /// cycle.
  var isSealed = false
  var depth = 1
  /// The bytes that the meter counts for the items of a short tuple, as long as the tuple exists.
  var weight = 0
  var content: Content

  enum Content {
    /// Items that are kept one by one.
    case items([Item])
    /// Numbers of which only the place in the file is known.
    case numbers(NumberRun)
    /// Sequences of numbers.
    case rows([Row])
  }

  init(_ shape: Shape, start: Int, content: Content = .items([])) {
    self.shape = shape
    self.start = start
    self.content = content
  }
}

/// A dictionary: pairs in the order in which they were written.
final class MappingNode {
  var pairs: [(key: Item, value: Item)] = []
  var isSealed = false
  var depth = 1
}

/// An object of a class that the caller has allowed: only the values from which it was made.
final class ObjectNode {
  let type: Global
  let arguments: [Item]
  var state: Item?
  var isSealed = false
  var depth: Int

  init(type: Global, arguments: [Item], depth: Int) {
    self.type = type
    self.arguments = arguments
    self.depth = depth
  }
}

/// A NumPy dtype under construction.
final class ElementNode {
  var type: ElementType
  var isSealed = false

  init(_ type: ElementType) { self.type = type }
}

/// A NumPy array under construction.
final class ArrayNode {
  var layout: ArrayLayout?
  var isSealed = false

  init(_ layout: ArrayLayout?) { self.layout = layout }
}
