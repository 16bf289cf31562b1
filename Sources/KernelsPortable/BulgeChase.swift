/// Performs one sweep of the reduction of a symmetric band matrix to tridiagonal form.
///
/// Element (i, j) with i ≥ j lies at `band[j * stride + i]`, so that blocks below the diagonal are
/// ordinary column-major matrices; `band` has room for twice the bandwidth and for one more block
/// of zeros at the end. The sweep makes column `sweep` zero below its subdiagonal, and moves the
/// numbers that this puts outside of the band (the bulge) off the end. The sweep's reflectors,
/// `width` floats each with zeros at the end, are stored in `vectors`, and their factors in `taus`.
/// `width` is a multiple of the lane count; `work` holds 4·width floats.
@inline(never)
public func chaseSweep(
  _ band: UnsafeMutablePointer<Float>, _ stride: Int, _ size: Int, _ width: Int, _ sweep: Int,
  _ vectors: UnsafeMutablePointer<Float>, _ taus: UnsafeMutablePointer<Float>,
  _ work: UnsafeMutablePointer<Float>
) {
  var first = sweep + 1
  var vector = vectors
  var tau = taus
  tau[0] = annihilate(band + sweep * stride + first, min(width, size - first), width, vector)
  while true {
    reflectDiagonal(band + first * stride + first, stride, width, vector, tau[0], work)
    let next = first + width
    if next >= size { return }
    let block = band + first * stride + next
    reflectRight(block, stride, width, vector, tau[0])
    tau[1] = annihilate(block, min(width, size - next), width, vector + width)
    reflectLeft(block + stride, stride, width, width - 1, vector + width, tau[1])
    first = next
    vector += width
    tau += 1
  }
}

@inline(__always)
private func min(_ a: Int, _ b: Int) -> Int { a < b ? a : b }

/// Turns a column into (beta, 0, …), stores the reflector in `vector`, with zeros up to `width`,
/// and returns tau.
@inline(__always)
private func annihilate(
  _ column: UnsafeMutablePointer<Float>, _ count: Int, _ width: Int,
  _ vector: UnsafeMutablePointer<Float>
) -> Float {
  let (tau, beta) = makeReflector(column, count, vector)
  column[0] = beta
  var index = 1
  while index < count {
    column[index] = 0
    index += 1
  }
  while index < width {
    vector[index] = 0
    index += 1
  }
  return tau
}

/// Computes D ← H·D·H, for the reflector H = 1 − tau·v·vᵀ and a symmetric block D of which the
/// lower triangle is stored.
@inline(__always)
private func reflectDiagonal(
  _ block: UnsafeMutablePointer<Float>, _ stride: Int, _ width: Int,
  _ vector: UnsafePointer<Float>, _ tau: Float, _ work: UnsafeMutablePointer<Float>
) {
  if tau == 0 { return }
  let w = work
  let v = work + 2 * width
  var index = 0
  while index < 2 * width {
    w[index] = 0
    v[index] = index < width ? vector[index] : 0
    index += 1
  }
  // w = D·v from the lower triangle: each column serves as a column and as a row. Elements below
  // the block are multiplied by the zeros behind v, and what they add behind w is cleared again.
  var column = 0
  while column < width {
    let start = block + column * stride
    let factor = v[column]
    w[column] += start[column] * factor
    let weight = Lanes(repeating: factor)
    var sum = Lanes(repeating: 0)
    var row = column + 1
    while row < width {
      let lanes = load(start + row)
      sum = multiplyAdd(lanes, load(v + row), sum)
      store(multiplyAdd(lanes, weight, load(w + row)), w + row)
      row += laneCount
    }
    w[column] += total(sum)
    column += 1
  }
  var product: Float = 0
  index = 0
  while index < width {
    w[index] *= tau
    product += w[index] * v[index]
    index += 1
  }
  while index < 2 * width {
    w[index] = 0
    index += 1
  }
  let half = -0.5 * tau * product
  index = 0
  while index < width {
    w[index] += half * v[index]
    index += 1
  }
  column = 0
  while column < width {
    let start = block + column * stride
    let byW = Lanes(repeating: -v[column])
    let byV = Lanes(repeating: -w[column])
    var row = column
    while row < width {
      let updated = multiplyAdd(byW, load(w + row), load(start + row))
      store(multiplyAdd(byV, load(v + row), updated), start + row)
      row += laneCount
    }
    column += 1
  }
}

/// Computes B ← B·H, for the block B and the reflector H = 1 − tau·v·vᵀ.
@inline(__always)
private func reflectRight(
  _ block: UnsafeMutablePointer<Float>, _ stride: Int, _ width: Int,
  _ v: UnsafePointer<Float>, _ tau: Float
) {
  if tau == 0 { return }
  var row = 0
  while row < width {
    var sum = Lanes(repeating: 0)
    var other = Lanes(repeating: 0)
    var column = 0
    while column + 1 < width {
      let place = block + column * stride + row
      sum = multiplyAdd(load(place), Lanes(repeating: v[column]), sum)
      other = multiplyAdd(load(place + stride), Lanes(repeating: v[column + 1]), other)
      column += 2
    }
    sum = (sum + other) * (-tau)
    column = 0
    while column < width {
      let place = block + column * stride + row
      store(multiplyAdd(sum, Lanes(repeating: v[column]), load(place)), place)
      column += 1
    }
    row += laneCount
  }
}

/// Computes B ← H·B, for the block B and the reflector H = 1 − tau·v·vᵀ.
@inline(__always)
private func reflectLeft(
  _ block: UnsafeMutablePointer<Float>, _ stride: Int, _ width: Int, _ columns: Int,
  _ v: UnsafePointer<Float>, _ tau: Float
) {
  if tau == 0 { return }
  var column = 0
  while column < columns {
    let start = block + column * stride
    var sum = Lanes(repeating: 0)
    var row = 0
    while row < width {
      sum = multiplyAdd(load(start + row), load(v + row), sum)
      row += laneCount
    }
    let weight = Lanes(repeating: -tau * total(sum))
    row = 0
    while row < width {
      store(multiplyAdd(weight, load(v + row), load(start + row)), start + row)
      row += laneCount
    }
    column += 1
  }
}
