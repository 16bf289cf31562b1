public import Clock
public import Digests

/// A value to be sent to the server: its type's object id and its bytes in network order.
public struct Parameter: Sendable {
  let type: UInt32
  /// The bytes; nil is SQL's null.
  let bytes: [UInt8]?

  init(type: UInt32, bytes: [UInt8]?) {
    self.type = type
    self.bytes = bytes
  }
}

/// A type whose values can be sent as parameters.
public protocol ParameterConvertible {
  /// The value in PostgreSQL's binary form.
  var parameter: Parameter { get }
  /// The null of the type.
  static var null: Parameter { get }
}

/// Object ids of the built-in types that are sent or read (`pg_type.dat`).
enum TypeID {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let char: UInt32 = 18
  static let name: UInt32 = 19
  static let int8: UInt32 = 20
  static let int2: UInt32 = 21
  static let int4: UInt32 = 23
  static let text: UInt32 = 25
  static let oid: UInt32 = 26
  static let json: UInt32 = 114
  static let float4: UInt32 = 700
  static let float8: UInt32 = 701
  static let unknown: UInt32 = 705
  static let bpchar: UInt32 = 1042
  static let varchar: UInt32 = 1043
  static let timestamptz: UInt32 = 1184
  static let textArray: UInt32 = 1009
  static let float8Array: UInt32 = 1022
  static let uuid: UInt32 = 2950
  static let jsonb: UInt32 = 3802
  /// No type: the server takes the type from the statement (`$1::vector`).
  static let inferred: UInt32 = 0
}

extension FixedWidthInteger {
  /// The bytes in network order.
  var networkBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension Bool: ParameterConvertible {
  /// The value as one byte, of type `boolean`.
  public var parameter: Parameter { Parameter(type: TypeID.bool, bytes: [self ? 1 : 0]) }
  /// Null of type boolean.
  public static var null: Parameter { Parameter(type: TypeID.bool, bytes: nil) }
}

extension Int: ParameterConvertible {
  /// The value as eight bytes, of type `bigint`.
  public var parameter: Parameter {
    Parameter(type: TypeID.int8, bytes: Int64(self).networkBytes)
  }
  /// Null of type bigint.
  public static var null: Parameter { Parameter(type: TypeID.int8, bytes: nil) }
}

extension Double: ParameterConvertible {
  /// The value as eight bytes, of type `double precision`.
  public var parameter: Parameter {
    Parameter(type: TypeID.float8, bytes: bitPattern.networkBytes)
  }
  /// Null of type double precision.
  public static var null: Parameter { Parameter(type: TypeID.float8, bytes: nil) }
}

extension String: ParameterConvertible {
  /// The value in UTF-8, of type `text`.
  public var parameter: Parameter { Parameter(type: TypeID.text, bytes: Array(utf8)) }
  /// Null of type text.
  public static var null: Parameter { Parameter(type: TypeID.text, bytes: nil) }
}

/// A value of raw bytes, sent as `bytea`.
public struct ByteString: Hashable, Sendable, ParameterConvertible {
  /// The bytes themselves.
  public let bytes: [UInt8]

  /// Creates a value from bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value as its own bytes, of type `bytea`.
  public var parameter: Parameter { Parameter(type: TypeID.bytea, bytes: bytes) }
  /// Null of type bytea.
  public static var null: Parameter { Parameter(type: TypeID.bytea, bytes: nil) }
}

extension Timestamp: ParameterConvertible {
  /// The value as eight bytes, of type `timestamptz`.
  public var parameter: Parameter {
    Parameter(type: TypeID.timestamptz, bytes: microseconds.networkBytes)
  }
  /// Null of type timestamptz.
  public static var null: Parameter { Parameter(type: TypeID.timestamptz, bytes: nil) }
}

/// A JSON text, sent as `jsonb`.
public struct JSONText: Hashable, Sendable, ParameterConvertible {
  /// The text in UTF-8.
  public let utf8: [UInt8]

  /// Creates a value from a JSON text.
  public init(_ utf8: [UInt8]) { self.utf8 = utf8 }

  /// The value of type `jsonb`: version byte 1, then the text (`jsonb_recv`).
  public var parameter: Parameter { Parameter(type: TypeID.jsonb, bytes: [1] + utf8) }
  /// Null of type jsonb.
  public static var null: Parameter { Parameter(type: TypeID.jsonb, bytes: nil) }
}

extension UUIDValue: ParameterConvertible {
  /// The value as sixteen bytes, of type `uuid`.
  public var parameter: Parameter { Parameter(type: TypeID.uuid, bytes: bytes) }
  /// Null of type uuid.
  public static var null: Parameter { Parameter(type: TypeID.uuid, bytes: nil) }
}

/// A pgvector value; the statement names the type (`$1::vector`), whose id differs between
/// databases.
public struct VectorValue: Sendable, ParameterConvertible {
  /// The numbers of the vector.
  public let elements: [Float]

  /// Creates a value from elements.
  public init(_ elements: [Float]) { self.elements = elements }

  /// The value: dimension, an unused zero, then the elements, all in network order (`vector_recv`).
  public var parameter: Parameter {
    var bytes = UInt16(truncatingIfNeeded: elements.count).networkBytes + [0, 0]
    bytes.reserveCapacity(4 + 4 * elements.count)
    for element in elements { bytes += element.bitPattern.networkBytes }
    return Parameter(type: TypeID.inferred, bytes: bytes)
  }
  /// Null, whose type is left to the statement.
  public static var null: Parameter { Parameter(type: TypeID.inferred, bytes: nil) }
}

/// An array of pgvector values of one length.
public struct VectorArray: Sendable, ParameterConvertible {
  /// The value in binary.
  public let parameter: Parameter

  /// Creates an array of `count` vectors, each with `length` numbers.
  ///
  /// - Parameters:
  ///   - elementType: the object id of pgvector's type in this database.
  ///   - number: returns one number of a vector, given the position of the vector and the position
  ///     of the number in it.
  public init(
    elementType: UInt32, count: Int, length: Int, number: (_ vector: Int, _ place: Int) -> Float
  ) {
    // One dimension, no nulls, the type, the count, the first index; then each vector with its
    // length in bytes (`array_recv`).
    var bytes = Int32(1).networkBytes + Int32(0).networkBytes + elementType.networkBytes
    bytes += Int32(count).networkBytes + Int32(1).networkBytes
    bytes.reserveCapacity(bytes.count + count * (8 + 4 * length))
    let head =
      Int32(4 + 4 * length).networkBytes + UInt16(truncatingIfNeeded: length).networkBytes + [0, 0]
    for vector in 0..<count {
      bytes += head
      for place in 0..<length {
        withUnsafeBytes(of: number(vector, place).bitPattern.bigEndian) { bytes += $0 }
      }
    }
    parameter = Parameter(type: TypeID.inferred, bytes: bytes)
  }

  /// Null, whose type is left to the statement.
  public static var null: Parameter { VectorValue.null }
}

/// An array of numbers in double precision, `double precision[]`.
public struct DoubleArray: Sendable, ParameterConvertible {
  /// The numbers of the array.
  public let elements: [Double]

  /// Creates a value from elements.
  public init(_ elements: [Double]) { self.elements = elements }

  /// The value: one dimension (none for an empty array), no nulls, the type, count and first index;
  /// then each number with its length in bytes (`array_recv`).
  public var parameter: Parameter {
    var bytes = Int32(elements.isEmpty ? 0 : 1).networkBytes + Int32(0).networkBytes
    bytes += TypeID.float8.networkBytes
    if !elements.isEmpty { bytes += Int32(elements.count).networkBytes + Int32(1).networkBytes }
    for element in elements { bytes += Int32(8).networkBytes + element.bitPattern.networkBytes }
    return Parameter(type: TypeID.float8Array, bytes: bytes)
  }
  /// Null of type double precision[].
  public static var null: Parameter { Parameter(type: TypeID.float8Array, bytes: nil) }
}
