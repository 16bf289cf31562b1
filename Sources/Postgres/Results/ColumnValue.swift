public import Clock
public import Digests

/// A type as which a column's binary value can be read.
public protocol ColumnValue {
  /// Reads the value; nil where the column's type does not fit.
  static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Self?
}

extension UnsafeRawBufferPointer {
  /// Reads the integer that these bytes are in network order; nil where the width differs.
  func networkInteger<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
    guard count == MemoryLayout<Value>.size else { return nil }
    return Value(bigEndian: loadUnaligned(as: Value.self))
  }
}

extension Int: ColumnValue {
  /// Reads int2, int4, int8 and oid.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Int? {
    switch type {
    case TypeID.int2: bytes.networkInteger(Int16.self).map(Int.init)
    case TypeID.int4: bytes.networkInteger(Int32.self).map(Int.init)
    case TypeID.int8: bytes.networkInteger(Int64.self).map(Int.init)
    case TypeID.oid: bytes.networkInteger(UInt32.self).map(Int.init)
    default: nil
    }
  }
}

extension Double: ColumnValue {
  /// Reads float4 and float8.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Double? {
    switch type {
    case TypeID.float8: bytes.networkInteger(UInt64.self).map(Double.init(bitPattern:))
    case TypeID.float4:
      bytes.networkInteger(UInt32.self).map { Double(Float(bitPattern: $0)) }
    default: nil
    }
  }
}

extension Bool: ColumnValue {
  /// Reads boolean.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Bool? {
    type == TypeID.bool && bytes.count == 1 ? bytes[0] != 0 : nil
  }
}

extension String: ColumnValue {
  /// Reads the text types, json and jsonb.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> String? {
    switch type {
    case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.char, TypeID.json,
      TypeID.unknown:
      String(decoding: bytes, as: UTF8.self)
    case TypeID.jsonb where bytes.first == 1:
      String(decoding: bytes.dropFirst(), as: UTF8.self)
    default: nil
    }
  }
}

extension ByteString: ColumnValue {
  /// Reads bytea.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> ByteString? {
    type == TypeID.bytea ? ByteString(Array(bytes)) : nil
  }
}

extension Timestamp: ColumnValue {
  /// Reads timestamptz.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> Timestamp? {
    guard type == TypeID.timestamptz else { return nil }
    return bytes.networkInteger(Int64.self).map(Timestamp.init(microseconds:))
  }
}

extension UUIDValue: ColumnValue {
  /// Reads uuid.
  public static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) -> UUIDValue? {
    type == TypeID.uuid ? UUIDValue(bytes: bytes) : nil
  }
}
