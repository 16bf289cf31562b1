extension JSONScanner {
  /// Moves past a number, whose first byte is at `position`; returns true where the number is a
  /// negative zero.
  mutating func skipNumber() throws -> Bool {
    let start = window.position - window.mark
    try skipNumberBytes()
    let length = window.position - window.mark - start
    let text = UnsafeBufferPointer(start: window.base + window.mark + start, count: length)
    guard let number = JSONNumber(text) else { throw numberError(text, start: start) }
    // Short plain integers, which most numbers are, cannot exceed a limit.
    if length < 16, number.isInteger {
      return number.isNegative && text[1] == UInt8(ascii: "0")
    }
    try checkLimits(number, at: window.mark + start)
    return number.isNegative && number.leadingExponent == nil
  }

  private mutating func skipNumberBytes() throws {
    while true {
      var index = window.position
      while isNumberByte(window.base[index]) { index += 1 }
      window.position = index
      if index < window.end || window.isAtEnd { return }
      try refill()
    }
  }

  @inline(__always)
  private func isNumberByte(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
  }

  private mutating func numberError(
    _ text: UnsafeBufferPointer<UInt8>, start: Int
  ) -> any Error {
    if text.count == 1, text[0] == UInt8(ascii: "-"),
      window.base[window.position] == UInt8(ascii: "I")
    {
      return error(.notFinite("-Infinity"), at: window.mark + start)
    }
    return error(.invalidNumber, at: window.mark + start)
  }

  private func checkLimits(_ number: JSONNumber, at index: Int) throws {
    let leading = number.leadingExponent
    // The written digits after the point count even where they are zeros.
    let behind = number.fraction.count - number.exponent
    if let leading, leading >= limits.integerDigits { throw error(.tooManyDigits, at: index) }
    if behind > limits.fractionDigits || number.exponent > limits.exponent {
      throw error(.tooManyDigits, at: index)
    }
    if !number.isInteger, number.overflowsDouble { throw error(.numberOverflow, at: index) }
  }

  /// Moves past `true`, `false` or `null`; refuses words such as `NaN`, which stand for numbers
  /// that are not finite.
  mutating func skipLiteral(_ word: StaticString) throws {
    let available = try ensure(word.utf8CodeUnitCount)
    let count = word.utf8CodeUnitCount
    for index in 0..<count {
      let byte = window.base[window.position + index]
      guard byte == word.utf8Start[index] else {
        if index < available { throw unexpected("a value") }
        throw error(.endOfText)
      }
    }
    if word.utf8Start[0] < UInt8(ascii: "a") { throw error(.notFinite("\(word)")) }
    window.position += count
  }
}
