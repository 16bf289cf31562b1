/// The place and the form of a NumPy array's numbers in the file.
struct ArrayLayout: Equatable, Sendable {
  /// The extents of the dimensions; an array has none, one or two.
  var shape: [Int]
  var element: ElementType
  /// True where the numbers are stored column by column, false where they are stored row by row.
  var isFortran: Bool
  var data: ByteSpan

  /// The number of rows that share one kept offset in each column of a Fortran array whose data are
  /// text.
  static let columnBlock = 1 << 14

  var dimensions: Int { shape.count }
  var rows: Int { shape[0] }
  var columns: Int { shape[1] }

  /// Creates a layout; checks the declared shape against the existing bytes.
  init(
    shape: [Int], element: ElementType, isFortran: Bool, data: ByteSpan
  ) throws(PickleError) {
    guard shape.count <= 2 else {
      throw PickleError(.notRows("an array with \(shape.count) axes"))
    }
    var bytes = element.size
    for extent in shape {
      guard extent >= 0 else { throw PickleError(.malformed("an array of negative size")) }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw PickleError(.malformed("an array larger than memory")) }
      bytes = product
    }
    guard data.count == bytes else {
      throw PickleError(.malformed("an array whose data do not fill its shape"))
    }
    self.shape = shape
    self.element = element
    self.isFortran = isFortran && shape.count == 2
    self.data = data
  }
}
