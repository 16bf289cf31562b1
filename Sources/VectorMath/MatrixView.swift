/// A read-only matrix in memory that another object owns; valid as long as that memory.
struct MatrixView {
  let start: UnsafePointer<Float>
  let rows: Int
  let columns: Int
  /// The distance between rows and between columns, in floats; one of the two is 1.
  let rowStride: Int
  let columnStride: Int

  /// Creates a view of a row-major matrix.
  init(_ start: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.init(
      start: start, rows: rows, columns: columns, rowStride: stride ?? columns, columnStride: 1)
  }

  private init(
    start: UnsafePointer<Float>, rows: Int, columns: Int, rowStride: Int, columnStride: Int
  ) {
    self.start = start
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The transpose, a view of the same numbers.
  var transposed: MatrixView {
    MatrixView(
      start: start, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
  }
}

/// A row-major matrix to write into.
struct MatrixTarget {
  let start: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  let stride: Int

  init(_ start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.start = start
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }
}
