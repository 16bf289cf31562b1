/// One item on the machine's stack: small, whatever value it stands for, and never run or called.
enum Item {
  /// A number, with the offset of its opcode.
  case number(Number, at: Int)
  /// Several numbers whose opcodes follow one another in the file.
  case numbers(NumberRun)
  /// A number without an opcode of its own at this place: a NumPy scalar, or a number from the
  /// memo.
  case scalar(Number)
  case none
  case bool(Bool)
  case bytes(ByteSpan)
  case global(Global)
  case type(ElementNode)
  case array(ArrayNode)
  case sequence(SequenceNode)
  /// Complete vectors for which the sequence that will contain them does not exist yet.
  case rows(RowList)
  case mapping(MappingNode)
  case object(ObjectNode)

  /// The words for the item in messages.
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

  /// The levels of nesting inside the item; 0 for a single value.
  var depth: Int {
    switch self {
    case .sequence(let node): node.depth
    case .mapping(let node): node.depth
    case .object(let node): node.depth
    case .array, .type, .rows: 1
    default: 0
    }
  }

  /// The bytes that are counted for the item against the memory budget; the item occupies a little
  /// less.
  var cost: Int {
    switch self {
    case .sequence(let node): 192 + node.weight
    case .type, .array, .mapping, .object: 192
    default: 64
    }
  }
}

/// Numbers whose opcodes follow one another in the file, where only opcodes that add numbers to a
/// sequence lie between them.
struct NumberRun: Equatable, Sendable {
  /// The offset of the first number's opcode.
  var start: Int
  var count: Int
  /// False where some numbers are elsewhere in the file, so that the sequence's opcodes must be run
  /// again to read the numbers.
  var isPlain: Bool
}

/// The places of vectors that follow one another on the stack.
///
/// All vectors of a tuple stay on the stack until the tuple ends. As separate items the vectors
/// would take many times the file's size.
final class RowList {
  var rows: [Row]

  init(_ rows: [Row]) { self.rows = rows }
}

/// A list, tuple or set; it can change until it is sealed.
final class SequenceNode {
  enum Shape { case list, tuple, set }

  let shape: Shape
  /// The offset of the first opcode of the sequence.
  let start: Int
  /// True once another item contains the sequence, which may not change then: so no cycle can
  /// arise.
  var isSealed = false
  var depth = 1
  /// The bytes that are counted for the items of a short tuple, as long as the tuple exists.
  var weight = 0
  var content: Content

  enum Content {
    /// Items that are kept one by one.
    case items([Item])
    /// Numbers for which only the place in the file is known.
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

/// An object of a class that the caller has allowed: only the values from which Python would make
/// the object.
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

/// A NumPy dtype, whose state may not be set yet.
final class ElementNode {
  var type: ElementType
  var isSealed = false

  init(_ type: ElementType) { self.type = type }
}

/// A NumPy array, whose data may not be set yet.
final class ArrayNode {
  var layout: ArrayLayout?
  var isSealed = false

  init(_ layout: ArrayLayout?) { self.layout = layout }
}
