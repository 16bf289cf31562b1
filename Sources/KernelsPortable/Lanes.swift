// For any processor: sixteen or more registers of four floats, no fused operation.
//
// Kernels use pointers, concrete SIMD types and tuples only. A type of their own or a generic
// call would emit weak symbols, which the linker may share with code for older processors.

typealias Lanes = SIMD4<Float>
typealias WideLanes = SIMD2<Double>

/// The number of floats in `Lanes`.
@inline(__always) var laneCount: Int { 4 }

/// The number of doubles in `WideLanes`.
@inline(__always) var wideLaneCount: Int { 2 }

// Two operations, because the fused one is a library call where the processor does not have it.
@inline(__always)
func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { c + a * b }

@inline(__always)
func multiplyAdd(_ a: WideLanes, _ b: WideLanes, _ c: WideLanes) -> WideLanes { c + a * b }

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
    Double(source[0]), Double(source[1]))
}

/// Adds up all lanes without the library's own sum, which is a generic call.
@inline(__always)
func total(_ value: Lanes) -> Float {
  let pair = value.lowHalf + value.highHalf
  return pair.x + pair.y
}

@inline(__always)
func total(_ value: WideLanes) -> Double {
  value.x + value.y
}
