extension Machine {
  /// Processes the BINFLOAT opcodes that follow one another in the buffer together; where they are
  /// few, processes only the first.
  mutating func floatRun() throws(PickleError) {
    try window.seek(to: opcodeOffset)
    let inFrame = opcodeOffset < frameEnd ? (frameEnd - opcodeOffset) / floatStride : .max
    try window.require(min(floatStride, window.left))
    let converted = collector?.convert(window.atHand, atMost: inFrame)
    let count = converted ?? min(floatCount(window.atHand), inFrame)
    if count > 3 || isRunOnTop {
      if converted == nil { collector?.giveUp() } else { collector?.take(converted: count) }
    }
    if count > 0, isRunOnTop, case .numbers(var run) = stack[stack.count - 1] {
      run.count += count
      stack[stack.count - 1] = .numbers(run)
      try window.skip(count * floatStride)
    } else if count > 3 {
      try push(.numbers(NumberRun(start: opcodeOffset, count: count, isPlain: true)))
      try window.skip(count * floatStride)
    } else {
      // One to three numbers may be all of a short tuple, which is kept by value.
      try window.skip(1)
      try number(.binfloat)
    }
  }

  private var isRunOnTop: Bool { stack.count > fence && stack[stack.count - 1].isRun }

  mutating func number(_ opcode: Opcode) throws(PickleError) {
    if opcode == .newtrue || opcode == .newfalse { return try push(.bool(opcode == .newtrue)) }
    switch try window.numeral(opcode) {
    case .bool(let value): try push(.bool(value))
    case .number(let number):
      collector?.take(number)
      if !keepsItems, stack.count > fence, case .numbers(var run) = stack[stack.count - 1] {
        run.count += 1
        stack[stack.count - 1] = .numbers(run)
      } else {
        try push(.number(number, at: opcodeOffset))
      }
    }
  }
}

/// The value of a number opcode; the opcode INT may also give a bool.
enum Numeral {
  case number(Number)
  case bool(Bool)
}

extension ByteWindow {
  /// The largest length of a line with a number; the largest double has 309 digits.
  private static let longestLine = 400

  /// Reads the argument of a number opcode.
  mutating func numeral(_ opcode: Opcode) throws(PickleError) -> Numeral {
    switch opcode {
    case .binfloat: return .number(.real(try double()))
    case .binint: return .number(.python(Int(try integer(Int32.self))))
    case .binint1: return .number(.python(Int(try byte())))
    case .binint2: return .number(.python(Int(try integer(UInt16.self))))
    case .long1: return .number(try long(Int(try byte())))
    case .long4: return .number(try long(Int(try integer(Int32.self))))
    case .float:
      let line = try line(atMost: Self.longestLine)
      guard let value = Number(floatLine: line) else {
        throw PickleError(.malformed("FLOAT with something that is no number"))
      }
      return .number(value)
    default:
      return try integerLine(isLong: opcode == .long)
    }
  }

  private mutating func integerLine(isLong: Bool) throws(PickleError) -> Numeral {
    var line = try line(atMost: Self.longestLine)
    if !isLong, line == [0x30, 0x30] { return .bool(false) }
    if !isLong, line == [0x30, 0x31] { return .bool(true) }
    if isLong, line.last == UInt8(ascii: "L") { line.removeLast() }
    guard let value = Number(integerLine: line) else {
      throw PickleError(.malformed("an integer that is no number"))
    }
    return .number(value)
  }

  private mutating func long(_ count: Int) throws(PickleError) -> Number {
    guard count >= 0, count <= left else { throw PickleError(.truncated) }
    // 2^1024 has 129 bytes; anything longer overflows a double.
    guard count <= 129 else {
      throw PickleError(.unsupported("an integer of \(count) bytes"))
    }
    let bytes = try copy(count, at: offset)
    try skip(count)
    return Number(twosComplement: bytes)
  }
}
