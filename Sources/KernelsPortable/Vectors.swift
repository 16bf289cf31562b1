/// Returns the inner product of two vectors; two SIMD accumulators take turns in the sum.
@inline(never)
public func dot(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
) -> Float {
  var first = Lanes(repeating: 0)
  var second = Lanes(repeating: 0)
  var index = 0
  while index + 2 * laneCount <= count {
    first = multiplyAdd(load(a + index), load(b + index), first)
    second = multiplyAdd(
      load(a + index + laneCount), load(b + index + laneCount), second)
    index += 2 * laneCount
  }
  var sum = total(first + second)
  while index < count {
    sum += a[index] * b[index]
    index += 1
  }
  return sum
}

/// Returns the inner product of two vectors, in double precision throughout.
@inline(never)
public func wideDot(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
) -> Double {
  var first = WideLanes(repeating: 0)
  var index = 0
  while index + wideLaneCount <= count {
    first = multiplyAdd(widen(a + index), widen(b + index), first)
    index += wideLaneCount
  }
  var sum = total(first)
  while index < count {
    sum += Double(a[index]) * Double(b[index])
    index += 1
  }
  return sum
}

/// Adds factor·x to the vector y.
@inline(never)
public func axpy(
  _ factor: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  let weight = Lanes(repeating: factor)
  var index = 0
  while index + laneCount <= count {
    store(multiplyAdd(weight, load(x + index), load(y + index)), y + index)
    index += laneCount
  }
  while index < count {
    y[index] += factor * x[index]
    index += 1
  }
}

/// Multiplies each number of x by the factor.
@inline(never)
public func scale(_ factor: Float, _ x: UnsafeMutablePointer<Float>, _ count: Int) {
  let weight = Lanes(repeating: factor)
  var index = 0
  while index + laneCount <= count {
    store(load(x + index) * weight, x + index)
    index += laneCount
  }
  while index < count {
    x[index] *= factor
    index += 1
  }
}

/// Computes the difference of two vectors: y = a − b.
@inline(never)
public func subtract(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var index = 0
  while index + laneCount <= count {
    store(load(a + index) - load(b + index), y + index)
    index += laneCount
  }
  while index < count {
    y[index] = a[index] - b[index]
    index += 1
  }
}

/// Adds the vector x to the vector total, in double precision.
@inline(never)
public func addWidened(
  _ x: UnsafePointer<Float>, _ total: UnsafeMutablePointer<Double>, _ count: Int
) {
  var index = 0
  while index + wideLaneCount <= count {
    let place = UnsafeMutableRawPointer(total + index)
    let sum = place.loadUnaligned(as: WideLanes.self) + widen(x + index)
    place.storeBytes(of: sum, as: WideLanes.self)
    index += wideLaneCount
  }
  while index < count {
    total[index] += Double(x[index])
    index += 1
  }
}

/// Returns true where every number is finite; uses that a number times zero is zero only where the
/// number is finite.
@inline(never)
public func isFinite(_ x: UnsafePointer<Float>, _ count: Int) -> Bool {
  var sum = Lanes(repeating: 0)
  var index = 0
  while index + laneCount <= count {
    sum += load(x + index) * Float(0)
    index += laneCount
  }
  var rest = total(sum)
  while index < count {
    rest += x[index] * 0
    index += 1
  }
  return rest == 0
}
