/// The facts about a pickle's vectors that the beginning of the pickle shows.
public struct PickledRowsPeek: Sendable, Equatable {
  /// The width of the first vector; nil where the beginning does not show it.
  public let width: Int?
  /// The number of vectors, where the examination reached the end of the pickle; otherwise nil.
  public let count: Int?
}

extension PickledRows {
  /// Examines a pickle only as far as its first vector, and stops after some megabytes without a
  /// vector; the rest of the pickle is not checked.
  public static func peek(
    source: any PickleSource, limits: PickleLimits = PickleLimits()
  ) throws(PickleError) -> PickledRowsPeek {
    var machine = Machine(source, mode: .rows, limits: limits)
    while try machine.step() {
      if let width = machine.firstWidth { return PickledRowsPeek(width: width, count: nil) }
      if machine.opcodeOffset > 16 << 20, machine.stack.first?.isSequence ?? true {
        return PickledRowsPeek(width: nil, count: nil)
      }
    }
    guard machine.stack.count == 1 else { return PickledRowsPeek(width: nil, count: nil) }
    let storage = try machine.storage(of: machine.stack[0])
    switch storage {
    case .rows(let rows): return PickledRowsPeek(width: rows.first?.count, count: rows.count)
    case .matrix(let layout, _):
      return PickledRowsPeek(width: layout.columns, count: layout.rows)
    }
  }
}

extension Machine {
  /// The width of the first vector, once something follows that vector; nil before that.
  fileprivate var firstWidth: Int? {
    if stack.count == 1, case .sequence(let node) = stack[0], case .rows(let rows) = node.content {
      return rows.first?.count
    }
    // In a list the vector is above the list; in a tuple, only a mark is below it.
    let place = marks.first?.height ?? 1
    guard stack.count > place + 1, place <= 1 else { return nil }
    switch stack[place] {
    case .rows(let list): return list.rows.first?.count
    case .sequence(let node):
      // Numbers above the sequence may still be added to it, but the next vector may not.
      guard stack[place + 1].isSequence else { return nil }
      if case .numbers(let run) = node.content { return run.count }
      return nil
    case .array(let node):
      guard let layout = node.layout, layout.dimensions == 1 else { return nil }
      return layout.shape[0]
    default: return nil
    }
  }
}

extension Item {
  fileprivate var isSequence: Bool {
    switch self {
    case .sequence, .rows: true
    default: false
    }
  }
}
