package import VectorMath

/// Writes a projection as the pickle of a fitted `sklearn.decomposition.PCA`, which `pickle.load`
/// reads where scikit-learn is installed.
///
/// The model's `transform` gives the fitted vectors their reduced coordinates. For other vectors,
/// this program takes further steps that `transform` does not take: such vectors must be reduced by
/// the database's functions instead.
package struct ScikitPickle {
  private var bytes: [UInt8] = []

  /// Returns the bytes of the pickle; nil for a truncation, which is no model of this class.
  package static func bytes(of projection: Projection, engine: Engine) -> [UInt8]? {
    guard projection.kind != .truncated else { return nil }
    var pickle = ScikitPickle()
    pickle.write(projection, projection.matrix(with: engine))
    return pickle.bytes
  }

  private mutating func write(_ projection: Projection, _ matrix: [Float]) {
    let (source, target) = (projection.inputDimensions, projection.outputDimensions)
    bytes += [0x80, 4]  // PROTO 4
    global("sklearn.decomposition._pca", "PCA")
    bytes += [UInt8(ascii: ")"), 0x81]  // EMPTY_TUPLE NEWOBJ
    bytes += Array("}(".utf8)  // EMPTY_DICT MARK
    entry("n_components") { $0.integer(target) }
    entry("copy") { $0.bytes.append(0x88) }  // NEWTRUE
    entry("whiten") { $0.bytes.append(0x89) }  // NEWFALSE
    entry("svd_solver") { $0.text("full") }
    entry("tol") { $0.double(0) }
    entry("iterated_power") { $0.text("auto") }
    entry("n_oversamples") { $0.integer(10) }
    entry("power_iteration_normalizer") { $0.text("auto") }
    entry("random_state") { $0.bytes.append(UInt8(ascii: "N")) }  // NONE
    entry("n_features_in_") { $0.integer(source) }
    entry("n_samples_") { $0.integer(projection.fittedRows) }
    entry("n_components_") { $0.integer(target) }
    entry("_fit_svd_solver") { $0.text("full") }
    let mean =
      projection.mean.isEmpty ? [Float](repeating: 0, count: source) : projection.mean
    entry("mean_") { $0.array(mean, shape: [source]) }
    entry("components_") { $0.array(matrix, shape: [target, source]) }
    // The axes of an aligned projection are not the principal directions, and the variance along
    // them is not known.
    let isKnown = projection.alignedDimensions == nil
    func padded(_ numbers: [Double]) -> [Float] {
      let rest = [Float](repeating: 0, count: target - projection.rank)
      return isKnown
        ? numbers.map { Float($0) } + rest : [Float](repeating: .nan, count: target)
    }
    entry("explained_variance_") { $0.array(padded(projection.energies), shape: [target]) }
    entry("explained_variance_ratio_") {
      $0.array(padded(projection.energyRatios), shape: [target])
    }
    let unknown = [Float](repeating: .nan, count: target)
    entry("singular_values_") { $0.array(unknown, shape: [target]) }
    entry("noise_variance_") { $0.double(.nan) }
    bytes += Array("ub.".utf8)  // SETITEMS BUILD STOP
  }

  private mutating func entry(_ name: String, _ value: (inout ScikitPickle) -> Void) {
    text(name)
    value(&self)
  }

  private mutating func text(_ text: String) {
    bytes += [0x8C, UInt8(text.utf8.count)] + Array(text.utf8)  // SHORT_BINUNICODE
  }

  private mutating func integer(_ number: Int) {
    bytes.append(UInt8(ascii: "J"))  // BININT
    number32(Int32(clamping: number))
  }

  private mutating func number32(_ number: Int32) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  private mutating func double(_ number: Double) {
    bytes.append(UInt8(ascii: "G"))  // BINFLOAT
    withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes += $0 }
  }

  private mutating func global(_ module: String, _ name: String) {
    text(module)
    text(name)
    bytes.append(0x93)  // STACK_GLOBAL
  }

  /// Writes an array as NumPy pickles it, with names that both major versions of NumPy know.
  private mutating func array(_ numbers: [Float], shape: [Int]) {
    global("numpy.core.multiarray", "_reconstruct")
    global("numpy", "ndarray")
    integer(0)
    bytes.append(0x85)  // TUPLE1
    bytes += [UInt8(ascii: "C"), 1, UInt8(ascii: "b")]  // SHORT_BINBYTES
    bytes += [0x87, UInt8(ascii: "R")]  // TUPLE3 REDUCE
    bytes.append(UInt8(ascii: "("))  // MARK
    integer(1)
    for length in shape { integer(length) }
    bytes.append(shape.count == 1 ? 0x85 : 0x86)  // TUPLE1, TUPLE2
    singlePrecision()
    bytes.append(0x89)  // NEWFALSE: in the order of C
    bytes.append(0x8E)  // BINBYTES8
    withUnsafeBytes(of: UInt64(4 * numbers.count).littleEndian) { bytes += $0 }
    bytes.reserveCapacity(bytes.count + 4 * numbers.count)
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
    bytes += Array("tb".utf8)  // TUPLE BUILD
  }

  /// Writes the type of little-endian numbers in single precision.
  private mutating func singlePrecision() {
    global("numpy", "dtype")
    text("f4")
    bytes += [0x89, 0x88, 0x87, UInt8(ascii: "R")]  // NEWFALSE NEWTRUE TUPLE3 REDUCE
    bytes.append(UInt8(ascii: "("))  // MARK
    integer(3)
    text("<")
    bytes += Array("NNN".utf8)
    integer(-1)
    integer(-1)
    integer(0)
    bytes += Array("tb".utf8)  // TUPLE BUILD
  }
}
