extension PickleError: CustomStringConvertible {
  /// The refusal in one or two plain sentences for the operator: the place, the cause and the
  /// remedy.
  public var description: String {
    if case .notFinite = kind { return sentence }
    guard let offset else { return sentence }
    return "byte \(offset): \(sentence)"
  }

  private var opcodeName: String {
    guard let opcode else { return "the opcode" }
    return Opcode(rawValue: opcode)?.name ?? "0x\(hexadecimal(opcode))"
  }

  private var sentence: String {
    switch kind {
    case .truncated:
      "the file ends inside the pickle; it was cut short, so restore it from a copy"
    case .trailingBytes(let count):
      "\(count) more byte(s) follow the end of the pickle; "
        + "the file is damaged or holds more than one pickle"
    case .opcodeNotAllowed:
      "\(opcodeName) is not allowed; a pickle of vectors never needs it, so do not trust this file"
    case .unknownOpcode:
      "\(opcodeName) is no pickle opcode; the file is damaged or not a pickle"
    case .globalNotAllowed(let name):
      "\(opcodeName) '\(name)' is not allowed; only NumPy arrays of numbers are read, "
        + "and nothing a file names is ever imported or run"
    case .malformed(let what): "\(what); the file is damaged or was not written by pickle"
    case .unsupported(let what): "\(what); write the vectors again as lists of floats"
    case .notRows(let what): "the pickle is not a list of vectors: \(what)"
    case .limit(let what): "\(what); the file is refused to protect memory"
    case .notFinite(let row, let column, let value):
      "row \(row), column \(column): \(value) is not a finite Float32; "
        + "embed this document again or remove it"
    case .unreadable(let why): "the file could not be read: \(why)"
    case .interrupted: "interrupted"
    }
  }
}

/// Returns a byte as two lower-case hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
