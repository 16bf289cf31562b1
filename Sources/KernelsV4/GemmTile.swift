import CCPU

/// C += A·B (or C = A·B) for one tile of 12 × 32: `a` holds 12 floats and `b` 32 for each step of `depth`.
@inline(never)
public func gemmTile(
  _ depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ overwrite: Bool, _ c: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var r0 = zeroRow(), r1 = zeroRow(), r2 = zeroRow(), r3 = zeroRow()
  var r4 = zeroRow(), r5 = zeroRow(), r6 = zeroRow(), r7 = zeroRow()
  var r8 = zeroRow(), r9 = zeroRow(), r10 = zeroRow(), r11 = zeroRow()
  var line = 0
  while line < 12 {
    ccpu_prefetch(c + line * stride)
    ccpu_prefetch(c + line * stride + laneCount)
    line += 1
  }
  var a = a
  var b = b
  var left = depth
  while left >= 2 {
    let low = load(b)
    let high = load(b + laneCount)
    step(&r0, a[0], low, high)
    step(&r1, a[1], low, high)
    step(&r2, a[2], low, high)
    step(&r3, a[3], low, high)
    step(&r4, a[4], low, high)
    step(&r5, a[5], low, high)
    step(&r6, a[6], low, high)
    step(&r7, a[7], low, high)
    step(&r8, a[8], low, high)
    step(&r9, a[9], low, high)
    step(&r10, a[10], low, high)
    step(&r11, a[11], low, high)
    let low2 = load(b + 2 * laneCount)
    let high2 = load(b + 3 * laneCount)
    step(&r0, a[12], low2, high2)
    step(&r1, a[13], low2, high2)
    step(&r2, a[14], low2, high2)
    step(&r3, a[15], low2, high2)
    step(&r4, a[16], low2, high2)
    step(&r5, a[17], low2, high2)
    step(&r6, a[18], low2, high2)
    step(&r7, a[19], low2, high2)
    step(&r8, a[20], low2, high2)
    step(&r9, a[21], low2, high2)
    step(&r10, a[22], low2, high2)
    step(&r11, a[23], low2, high2)
    a += 24
    b += 64
    left -= 2
  }
  if left > 0 {
    let low = load(b)
    let high = load(b + laneCount)
    step(&r0, a[0], low, high)
    step(&r1, a[1], low, high)
    step(&r2, a[2], low, high)
    step(&r3, a[3], low, high)
    step(&r4, a[4], low, high)
    step(&r5, a[5], low, high)
    step(&r6, a[6], low, high)
    step(&r7, a[7], low, high)
    step(&r8, a[8], low, high)
    step(&r9, a[9], low, high)
    step(&r10, a[10], low, high)
    step(&r11, a[11], low, high)
  }
  putRow(r0, overwrite, c)
  putRow(r1, overwrite, c + stride)
  putRow(r2, overwrite, c + 2 * stride)
  putRow(r3, overwrite, c + 3 * stride)
  putRow(r4, overwrite, c + 4 * stride)
  putRow(r5, overwrite, c + 5 * stride)
  putRow(r6, overwrite, c + 6 * stride)
  putRow(r7, overwrite, c + 7 * stride)
  putRow(r8, overwrite, c + 8 * stride)
  putRow(r9, overwrite, c + 9 * stride)
  putRow(r10, overwrite, c + 10 * stride)
  putRow(r11, overwrite, c + 11 * stride)
}

private typealias Row = (Lanes, Lanes)

@inline(__always)
private func zeroRow() -> Row { (Lanes(repeating: 0), Lanes(repeating: 0)) }

@inline(__always)
private func step(_ row: inout Row, _ a: Float, _ low: Lanes, _ high: Lanes) {
  let weight = Lanes(repeating: a)
  row.0 = multiplyAdd(weight, low, row.0)
  row.1 = multiplyAdd(weight, high, row.1)
}

@inline(__always)
private func putRow(_ row: Row, _ overwrite: Bool, _ target: UnsafeMutablePointer<Float>) {
  if overwrite {
    store(row.0, target)
    store(row.1, target + laneCount)
  } else {
    store(load(target) + row.0, target)
    store(load(target + laneCount) + row.1, target + laneCount)
  }
}
