/// The type of an array's numbers.
enum ArrayElement: Equatable {
  case float64, float32, float16, bfloat16

  /// The number of bytes of a number.
  var size: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    }
  }
}

/// Where the vectors of a file are, and how their numbers are written.
struct ArrayOutline: Equatable {
  var element: ArrayElement
  var isBigEndian = false
  /// The number of vectors.
  var rows: Int
  /// The number of numbers in each vector.
  var columns: Int
  /// The offset of the first number in the file.
  var offset: Int

  /// The number of bytes of all numbers; nil where it is too large for a file.
  var byteCount: Int? {
    let count = rows.multipliedReportingOverflow(by: columns)
    let bytes = count.partialValue.multipliedReportingOverflow(by: element.size)
    return count.overflow || bytes.overflow || bytes.partialValue > 1 << 60
      ? nil : bytes.partialValue
  }
}

/// The error for a file whose array cannot be read, with the reason.
struct UnreadableArray: Error {
  let problem: String
  var remedy = "write the array again"
}
