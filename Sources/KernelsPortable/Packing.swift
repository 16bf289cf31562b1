/// Packs `width` rows of a matrix, times `scale`, into one panel: for each column, `width` floats
/// side by side.
///
/// Places after the last of `rows` rows are zero, so that the tile kernel always computes whole
/// tiles.
@inline(never)
public func packRows(
  _ source: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ depth: Int, _ scale: Float,
  _ width: Int, _ panel: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row + 4 <= rows {
    packFourRows(source + row * stride, stride, depth, scale, width, panel + row)
    row += 4
  }
  while row < width {
    var step = 0
    if row < rows {
      let line = source + row * stride
      while step < depth {
        panel[step * width + row] = line[step] * scale
        step += 1
      }
    } else {
      while step < depth {
        panel[step * width + row] = 0
        step += 1
      }
    }
    row += 1
  }
}

@inline(__always)
private func packFourRows(
  _ source: UnsafePointer<Float>, _ stride: Int, _ depth: Int, _ scale: Float, _ width: Int,
  _ panel: UnsafeMutablePointer<Float>
) {
  let second = source + stride
  let third = second + stride
  let fourth = third + stride
  var target = panel
  var step = 0
  while step < depth {
    let four = SIMD4<Float>(source[step], second[step], third[step], fourth[step]) * scale
    UnsafeMutableRawPointer(target).storeBytes(of: four, as: SIMD4<Float>.self)
    target += width
    step += 1
  }
}

/// Packs `width` columns of a row-major matrix, times `scale`, into one panel: for each row,
/// `width` floats side by side.
///
/// Places after the last of `columns` columns are zero.
@inline(never)
public func packColumns(
  _ source: UnsafePointer<Float>, _ stride: Int, _ columns: Int, _ depth: Int, _ scale: Float,
  _ width: Int, _ panel: UnsafeMutablePointer<Float>
) {
  var source = source
  var target = panel
  var left = depth
  let weight = Lanes(repeating: scale)
  while left > 0 {
    var column = 0
    while column + laneCount <= columns {
      store(load(source + column) * weight, target + column)
      column += laneCount
    }
    while column + 4 <= columns {
      let four = UnsafeRawPointer(source + column).loadUnaligned(as: SIMD4<Float>.self) * scale
      UnsafeMutableRawPointer(target + column).storeBytes(of: four, as: SIMD4<Float>.self)
      column += 4
    }
    while column < width {
      target[column] = column < columns ? source[column] * scale : 0
      column += 1
    }
    source += stride
    target += width
    left -= 1
  }
}

/// Adds the numbers of a small row-major block to another block, or copies them over that block.
@inline(never)
public func moveBlock(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ overwrite: Bool, _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var row = 0
  while row < rows {
    let from = source + row * sourceStride
    let to = target + row * stride
    var column = 0
    while column < columns {
      to[column] = overwrite ? from[column] : to[column] + from[column]
      column += 1
    }
    row += 1
  }
}

/// Copies a panel to the rows of a matrix: the reverse of `packRows`.
@inline(never)
public func unpackRows(
  _ panel: UnsafePointer<Float>, _ width: Int, _ rows: Int, _ depth: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var row = 0
  while row < rows {
    let line = target + row * stride
    var step = 0
    while step < depth {
      line[step] = panel[step * width + row]
      step += 1
    }
    row += 1
  }
}
