// The secular equation 1/rho + Σ z²ⱼ/(dⱼ − λ) = 0 of a rank-one update, with λ = origin + offset:
// differences are taken as (dⱼ − origin) − offset, so that they stay exact next to a pole.

@inline(__always)
private func loadWide(_ source: UnsafePointer<Double>) -> WideLanes {
  UnsafeRawPointer(source).loadUnaligned(as: WideLanes.self)
}

@inline(__always)
private func storeWide(_ value: WideLanes, _ target: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(target).storeBytes(of: value, as: WideLanes.self)
}

/// Returns Σ squareⱼ/(dⱼ − λ) and its derivative Σ squareⱼ/(dⱼ − λ)², with λ = origin + offset.
@inline(never)
public func secularSums(
  _ d: UnsafePointer<Double>, _ square: UnsafePointer<Double>, _ count: Int,
  _ origin: Double, _ offset: Double
) -> (value: Double, slope: Double) {
  var values = WideLanes(repeating: 0)
  var slopes = WideLanes(repeating: 0)
  let origins = WideLanes(repeating: origin)
  let offsets = WideLanes(repeating: offset)
  let one = WideLanes(repeating: 1)
  var index = 0
  while index + wideLaneCount <= count {
    let inverse = one / ((loadWide(d + index) - origins) - offsets)
    let term = loadWide(square + index) * inverse
    values += term
    slopes = multiplyAdd(term, inverse, slopes)
    index += wideLaneCount
  }
  var value = total(values)
  var slope = total(slopes)
  while index < count {
    let inverse = 1 / ((d[index] - origin) - offset)
    let term = square[index] * inverse
    value += term
    slope += term * inverse
    index += 1
  }
  return (value, slope)
}

/// Multiplies each productⱼ by (λ − dⱼ)/(pole − dⱼ), with λ = origin + offset.
@inline(never)
public func multiplyRatios(
  _ product: UnsafeMutablePointer<Double>, _ d: UnsafePointer<Double>, _ count: Int,
  _ origin: Double, _ offset: Double, _ pole: Double
) {
  let origins = WideLanes(repeating: origin)
  let offsets = WideLanes(repeating: offset)
  let poles = WideLanes(repeating: pole)
  var index = 0
  while index + wideLaneCount <= count {
    let values = loadWide(d + index)
    let ratio = ((origins - values) + offsets) / (poles - values)
    storeWide(loadWide(product + index) * ratio, product + index)
    index += wideLaneCount
  }
  while index < count {
    product[index] *= ((origin - d[index]) + offset) / (pole - d[index])
    index += 1
  }
}

/// Computes rowⱼ = zⱼ/(dⱼ − λ), with λ = origin + offset: an eigenvector that is not scaled to
/// length one yet.
///
/// Returns Σ rowⱼ² and the inner products of the row with `first` and `last`.
@inline(never)
public func secularVector(
  _ d: UnsafePointer<Double>, _ z: UnsafePointer<Double>, _ count: Int,
  _ origin: Double, _ offset: Double, _ first: UnsafePointer<Double>,
  _ last: UnsafePointer<Double>, _ row: UnsafeMutablePointer<Double>
) -> (square: Double, first: Double, last: Double) {
  var squares = WideLanes(repeating: 0)
  var firsts = WideLanes(repeating: 0)
  var lasts = WideLanes(repeating: 0)
  let origins = WideLanes(repeating: origin)
  let offsets = WideLanes(repeating: offset)
  var index = 0
  while index + wideLaneCount <= count {
    let value = loadWide(z + index) / ((loadWide(d + index) - origins) - offsets)
    storeWide(value, row + index)
    squares = multiplyAdd(value, value, squares)
    firsts = multiplyAdd(value, loadWide(first + index), firsts)
    lasts = multiplyAdd(value, loadWide(last + index), lasts)
    index += wideLaneCount
  }
  var square = total(squares)
  var firstSum = total(firsts)
  var lastSum = total(lasts)
  while index < count {
    let value = z[index] / ((d[index] - origin) - offset)
    row[index] = value
    square += value * value
    firstSum += value * first[index]
    lastSum += value * last[index]
    index += 1
  }
  return (square, firstSum, lastSum)
}

/// Computes target = factor·source, rounded to Float32.
@inline(never)
public func narrow(
  _ source: UnsafePointer<Double>, _ factor: Double, _ target: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  var index = 0
  while index < count {
    target[index] = Float(source[index] * factor)
    index += 1
  }
}
