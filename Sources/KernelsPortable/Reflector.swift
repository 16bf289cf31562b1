/// Makes the reflector I − tau·v·vᵀ that turns `x` into (beta, 0, …, 0), with v₀ = 1.
///
/// `v` may be `x` itself. Lengths are summed in double precision, and tau is computed from the
/// rounded v, so that the reflection is orthogonal to the last bit.
@inline(never)
public func makeReflector(
  _ x: UnsafePointer<Float>, _ count: Int, _ v: UnsafeMutablePointer<Float>
) -> (tau: Float, beta: Float) {
  let alpha = Double(x[0])
  var tail = 0.0
  var index = 1
  while index < count {
    tail += Double(x[index]) * Double(x[index])
    index += 1
  }
  if tail < 1e-60 {
    let beta = x[0]
    v[0] = 1
    index = 1
    while index < count {
      v[index] = 0
      index += 1
    }
    return (0, beta)
  }
  let norm = (alpha * alpha + tail).squareRoot()
  let beta = alpha > 0 ? -norm : norm
  let factor = 1 / (alpha - beta)
  var square = 1.0
  v[0] = 1
  index = 1
  while index < count {
    let value = Float(Double(x[index]) * factor)
    v[index] = value
    square += Double(value) * Double(value)
    index += 1
  }
  return (Float(2 / square), Float(beta))
}
