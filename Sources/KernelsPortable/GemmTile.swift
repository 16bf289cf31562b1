/// Computes C += A·B (or C = A·B) for one tile of 4 × 8: `a` holds 4 floats and `b` 8 for each step
/// of `depth`.
@inline(never)
public func gemmTile(
  _ depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ overwrite: Bool, _ c: UnsafeMutablePointer<Float>, _ stride: Int
) {
  var r0 = zeroRow(), r1 = zeroRow(), r2 = zeroRow(), r3 = zeroRow()
  var a = a
  var b = b
  var left = depth
  while left > 0 {
    let low = load(b)
    let high = load(b + laneCount)
    step(&r0, a[0], low, high)
    step(&r1, a[1], low, high)
    step(&r2, a[2], low, high)
    step(&r3, a[3], low, high)
    a += 4
    b += 8
    left -= 1
  }
  putRow(r0, overwrite, c)
  putRow(r1, overwrite, c + stride)
  putRow(r2, overwrite, c + 2 * stride)
  putRow(r3, overwrite, c + 3 * stride)
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
