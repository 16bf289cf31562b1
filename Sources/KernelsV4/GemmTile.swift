import CCPU

/// C += A·B (or C = A·B) for one tile of 8 × 48.
///
/// `a` holds 8 floats and `b` 48 for each step of `depth`.
@inline(never)
public func gemmTile(
  _ depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ overwrite: Bool, _ c: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var r0 = zeroRow()
  var r1 = zeroRow()
  var r2 = zeroRow()
  var r3 = zeroRow()
  var r4 = zeroRow()
  var r5 = zeroRow()
  var r6 = zeroRow()
  var r7 = zeroRow()
  var line = 0
  while line < 8 {
    ccpu_prefetch(c + line * stride)
    ccpu_prefetch(c + line * stride + laneCount)
    ccpu_prefetch(c + line * stride + 2 * laneCount)
    line += 1
  }
  var a = a
  var b = b
  var left = depth
  while left >= 2 {
    let low = load(b)
    let middle = load(b + laneCount)
    let high = load(b + 2 * laneCount)
    step(&r0, a[0], low, middle, high)
    step(&r1, a[1], low, middle, high)
    step(&r2, a[2], low, middle, high)
    step(&r3, a[3], low, middle, high)
    step(&r4, a[4], low, middle, high)
    step(&r5, a[5], low, middle, high)
    step(&r6, a[6], low, middle, high)
    step(&r7, a[7], low, middle, high)
    let low1 = load(b + 3 * laneCount)
    let middle1 = load(b + 4 * laneCount)
    let high1 = load(b + 5 * laneCount)
    step(&r0, a[8], low1, middle1, high1)
    step(&r1, a[9], low1, middle1, high1)
    step(&r2, a[10], low1, middle1, high1)
    step(&r3, a[11], low1, middle1, high1)
    step(&r4, a[12], low1, middle1, high1)
    step(&r5, a[13], low1, middle1, high1)
    step(&r6, a[14], low1, middle1, high1)
    step(&r7, a[15], low1, middle1, high1)
    a += 16
    b += 96
    left -= 2
  }
  if left > 0 {
    let low = load(b)
    let middle = load(b + laneCount)
    let high = load(b + 2 * laneCount)
    step(&r0, a[0], low, middle, high)
    step(&r1, a[1], low, middle, high)
    step(&r2, a[2], low, middle, high)
    step(&r3, a[3], low, middle, high)
    step(&r4, a[4], low, middle, high)
    step(&r5, a[5], low, middle, high)
    step(&r6, a[6], low, middle, high)
    step(&r7, a[7], low, middle, high)
  }
  putRow(r0, overwrite, c)
  putRow(r1, overwrite, c + stride)
  putRow(r2, overwrite, c + 2 * stride)
  putRow(r3, overwrite, c + 3 * stride)
  putRow(r4, overwrite, c + 4 * stride)
  putRow(r5, overwrite, c + 5 * stride)
  putRow(r6, overwrite, c + 6 * stride)
  putRow(r7, overwrite, c + 7 * stride)
}

private typealias Row = (Lanes, Lanes, Lanes)

@inline(__always)
private func zeroRow() -> Row {
  (Lanes(repeating: 0), Lanes(repeating: 0), Lanes(repeating: 0))
}

@inline(__always)
private func step(_ row: inout Row, _ a: Float, _ low: Lanes, _ middle: Lanes, _ high: Lanes) {
  let weight = Lanes(repeating: a)
  row.0 = multiplyAdd(weight, low, row.0)
  row.1 = multiplyAdd(weight, middle, row.1)
  row.2 = multiplyAdd(weight, high, row.2)
}

@inline(__always)
private func putRow(_ row: Row, _ overwrite: Bool, _ target: UnsafeMutablePointer<Float>) {
  if overwrite {
    store(row.0, target)
    store(row.1, target + laneCount)
    store(row.2, target + 2 * laneCount)
  } else {
    store(load(target) + row.0, target)
    store(load(target + laneCount) + row.1, target + laneCount)
    store(load(target + 2 * laneCount) + row.2, target + 2 * laneCount)
  }
}
