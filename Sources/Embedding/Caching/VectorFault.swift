internal import Bounds

/// The reasons why a vector of a service, or of the cache, cannot be stored and compared.
enum VectorFault {
  /// Returns what is wrong with a vector, in words that follow "the service answered"; nil where it
  /// has a cosine that pgvector can compute.
  static func words(_ vector: [Float]) -> String? {
    if !vector.allSatisfy(\.isFinite) {
      return "a vector with numbers that are not finite (NaN, null or beyond single precision)"
    }
    if vector.allSatisfy({ $0 == 0 }) { return "a vector that contains only zeros" }
    return vector.withUnsafeBufferPointer { VectorLength.outside($0) }.map { length in
      "a vector of length \(Float(length)), and pgvector cannot compare vectors of lengths "
        + (length < 1
          ? "below \(Float(VectorLength.smallest))" : "above \(Float(VectorLength.largest))")
    }
  }
}
