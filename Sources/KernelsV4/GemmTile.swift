import CCPU

/// Computes C += A·B (or C = A·B) for one tile of 8 × 48.
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
  // C comes from memory: into the second cache now, and into the first shortly before it is needed,
  // since B goes through the first one meanwhile.
  prefetchRows(c, stride, ccpu_prefetch)
  var a = a
  var b = b
  // The panel of A that follows comes from the third cache.
  let next = tileRowCount * depth
  var left = depth
  var rest = min(depth, 24)
  while true {
    while left > rest {
      ccpu_prefetch(a + next)
      ccpu_prefetch_near(a + 16 * tileRowCount)
      let low = load(b)
      let middle = load(b + laneCount)
      let high = load(b + 2 * laneCount)
      prefetchStep(b)
      step(&r0, a[0], low, middle, high)
      step(&r1, a[1], low, middle, high)
      step(&r2, a[2], low, middle, high)
      step(&r3, a[3], low, middle, high)
      step(&r4, a[4], low, middle, high)
      step(&r5, a[5], low, middle, high)
      step(&r6, a[6], low, middle, high)
      step(&r7, a[7], low, middle, high)
      a += tileRowCount
      b += 3 * laneCount
      left -= 1
    }
    if rest == 0 { break }
    rest = 0
    prefetchRows(c, stride, ccpu_prefetch_near)
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

private let tileRowCount = 8

/// Asks the processor to load the 8 × 48 floats of C into its cache.
@inline(__always)
private func prefetchRows(
  _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ prefetch: (UnsafeRawPointer?) -> Void
) {
  var line = 0
  while line < tileRowCount {
    prefetch(c + line * stride)
    prefetch(c + line * stride + laneCount)
    prefetch(c + line * stride + 2 * laneCount)
    line += 1
  }
}

/// Asks the processor to load the floats of B that are needed four steps later.
@inline(__always)
private func prefetchStep(_ b: UnsafePointer<Float>) {
  ccpu_prefetch_near(b + 12 * laneCount)
  ccpu_prefetch_near(b + 13 * laneCount)
  ccpu_prefetch_near(b + 14 * laneCount)
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
