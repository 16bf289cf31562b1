internal import CLibPQ

/// The field codes of `PQresultErrorField`, which `postgres_ext.h` defines as macros.
enum DiagnosticField {
  static let severity = Int32(UInt8(ascii: "V"))
  static let sqlState = Int32(UInt8(ascii: "C"))
  static let message = Int32(UInt8(ascii: "M"))
  static let detail = Int32(UInt8(ascii: "D"))
  static let hint = Int32(UInt8(ascii: "H"))
  static let position = Int32(UInt8(ascii: "P"))
  static let innerPosition = Int32(UInt8(ascii: "p"))
  static let innerQuery = Int32(UInt8(ascii: "q"))
  static let context = Int32(UInt8(ascii: "W"))
  static let schema = Int32(UInt8(ascii: "s"))
  static let table = Int32(UInt8(ascii: "t"))
  static let constraint = Int32(UInt8(ascii: "n"))
  static let routine = Int32(UInt8(ascii: "R"))
}
