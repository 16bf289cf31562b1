// AVX-512: thirty-two registers of sixteen floats.
//
// Kernels use pointers, concrete SIMD types and tuples only. A type of their own or a generic
// call would emit weak symbols, which the linker may share with code for older processors.

typealias Lanes = SIMD16<Float>
typealias WideLanes = SIMD8<Double>

/// The number of floats in `Lanes`.
@inline(__always) var laneCount: Int { 16 }

/// The number of doubles in `WideLanes`.
@inline(__always) var wideLaneCount: Int { 8 }

@inline(__always)
func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { c.addingProduct(a, b) }

@inline(__always)
func multiplyAdd(_ a: WideLanes, _ b: WideLanes, _ c: WideLanes) -> WideLanes {
  c.addingProduct(a, b)
}

@inline(__always)
func load(_ source: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(source).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ value: Lanes, _ target: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(target).storeBytes(of: value, as: Lanes.self)
}

/// Converts floats to doubles one by one, because converting a whole SIMD vector is a generic call.
@inline(__always)
func widen(_ source: UnsafePointer<Float>) -> WideLanes {
  WideLanes(
    Double(source[0]), Double(source[1]), Double(source[2]), Double(source[3]),
    Double(source[4]), Double(source[5]), Double(source[6]), Double(source[7]))
}

/// Adds up all lanes without the library's own sum, which is a generic call.
@inline(__always)
func total(_ value: Lanes) -> Float {
  let eight = value.lowHalf + value.highHalf
  let four = eight.lowHalf + eight.highHalf
  let pair = four.lowHalf + four.highHalf
  return pair.x + pair.y
}

@inline(__always)
func total(_ value: WideLanes) -> Double {
  let four = value.lowHalf + value.highHalf
  let pair = four.lowHalf + four.highHalf
  return pair.x + pair.y
}
