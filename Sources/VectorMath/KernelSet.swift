import KernelsPortable
import KernelsV3
import KernelsV4

/// The kernels of one processor level: tile sizes and functions, chosen once when the program runs.
///
/// Every kernel works on plain pointers. It has the arguments of the function of the same name in
/// `KernelsPortable`, which is the reference for the other levels.
struct KernelSet: Sendable {
  let level: ProcessorLevel

  /// The numbers of rows and columns of the result matrix C that one call of `gemmTile` computes.
  let tileRows: Int
  let tileColumns: Int

  let gemmTile:
    @Sendable (
      _ depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
      _ overwrite: Bool, _ c: UnsafeMutablePointer<Float>, _ stride: Int
    ) -> Void

  /// Packs rows (`packRows`) or columns (`packColumns`) of a row-major matrix into one panel.
  let packRows: Pack
  let packColumns: Pack
  typealias Pack =
    @Sendable (
      _ source: UnsafePointer<Float>, _ stride: Int, _ lines: Int, _ depth: Int, _ scale: Float,
      _ width: Int, _ panel: UnsafeMutablePointer<Float>
    ) -> Void

  let moveBlock:
    @Sendable (
      _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
      _ overwrite: Bool, _ target: UnsafeMutablePointer<Float>, _ stride: Int
    ) -> Void

  let unpackRows:
    @Sendable (
      _ panel: UnsafePointer<Float>, _ width: Int, _ rows: Int, _ depth: Int,
      _ target: UnsafeMutablePointer<Float>, _ stride: Int
    ) -> Void

  let dot: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, _ count: Int) -> Float
  let wideDot: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, _ count: Int) -> Double
  let axpy:
    @Sendable (
      _ factor: Float, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int
    ) -> Void
  let scale: @Sendable (_ factor: Float, UnsafeMutablePointer<Float>, _ count: Int) -> Void
  let subtract:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int
    ) -> Void
  let addWidened:
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Double>, _ count: Int) -> Void
  let isFinite: @Sendable (UnsafePointer<Float>, _ count: Int) -> Bool

  let makeReflector:
    @Sendable (UnsafePointer<Float>, _ count: Int, UnsafeMutablePointer<Float>) -> (
      tau: Float, beta: Float
    )
  let chaseSweep:
    @Sendable (
      _ band: UnsafeMutablePointer<Float>, _ stride: Int, _ size: Int, _ width: Int,
      _ sweep: Int, _ vectors: UnsafeMutablePointer<Float>, _ taus: UnsafeMutablePointer<Float>,
      _ work: UnsafeMutablePointer<Float>
    ) -> Void

  let secularSums:
    @Sendable (
      _ d: UnsafePointer<Double>, _ square: UnsafePointer<Double>, _ count: Int,
      _ origin: Double, _ offset: Double
    ) -> (value: Double, slope: Double)
  let multiplyRatios:
    @Sendable (
      _ product: UnsafeMutablePointer<Double>, _ d: UnsafePointer<Double>, _ count: Int,
      _ origin: Double, _ offset: Double, _ pole: Double
    ) -> Void
  let secularVector:
    @Sendable (
      _ d: UnsafePointer<Double>, _ z: UnsafePointer<Double>, _ count: Int,
      _ origin: Double, _ offset: Double, _ first: UnsafePointer<Double>,
      _ last: UnsafePointer<Double>, _ row: UnsafeMutablePointer<Double>
    ) -> (square: Double, first: Double, last: Double)
  let narrow:
    @Sendable (
      _ source: UnsafePointer<Double>, _ factor: Double, _ target: UnsafeMutablePointer<Float>,
      _ count: Int
    ) -> Void
}

extension KernelSet {
  static func forLevel(_ level: ProcessorLevel) -> KernelSet {
    switch level {
    case .portable: portable
    case .v3: v3
    case .v4: v4
    }
  }

  private static let portable = KernelSet(
    level: .portable, tileRows: 4, tileColumns: 8,
    gemmTile: KernelsPortable.gemmTile, packRows: KernelsPortable.packRows,
    packColumns: KernelsPortable.packColumns, moveBlock: KernelsPortable.moveBlock,
    unpackRows: KernelsPortable.unpackRows, dot: KernelsPortable.dot,
    wideDot: KernelsPortable.wideDot, axpy: KernelsPortable.axpy,
    scale: KernelsPortable.scale,
    subtract: KernelsPortable.subtract, addWidened: KernelsPortable.addWidened,
    isFinite: KernelsPortable.isFinite,
    makeReflector: KernelsPortable.makeReflector, chaseSweep: KernelsPortable.chaseSweep,
    secularSums: KernelsPortable.secularSums, multiplyRatios: KernelsPortable.multiplyRatios,
    secularVector: KernelsPortable.secularVector, narrow: KernelsPortable.narrow)

  private static let v3 = KernelSet(
    level: .v3, tileRows: 6, tileColumns: 16,
    gemmTile: KernelsV3.gemmTile, packRows: KernelsV3.packRows,
    packColumns: KernelsV3.packColumns, moveBlock: KernelsV3.moveBlock,
    unpackRows: KernelsV3.unpackRows, dot: KernelsV3.dot, wideDot: KernelsV3.wideDot,
    axpy: KernelsV3.axpy, scale: KernelsV3.scale,
    subtract: KernelsV3.subtract, addWidened: KernelsV3.addWidened, isFinite: KernelsV3.isFinite,
    makeReflector: KernelsV3.makeReflector, chaseSweep: KernelsV3.chaseSweep,
    secularSums: KernelsV3.secularSums, multiplyRatios: KernelsV3.multiplyRatios,
    secularVector: KernelsV3.secularVector, narrow: KernelsV3.narrow)

  private static let v4 = KernelSet(
    level: .v4, tileRows: 8, tileColumns: 48,
    gemmTile: KernelsV4.gemmTile, packRows: KernelsV4.packRows,
    packColumns: KernelsV4.packColumns, moveBlock: KernelsV4.moveBlock,
    unpackRows: KernelsV4.unpackRows, dot: KernelsV4.dot, wideDot: KernelsV4.wideDot,
    axpy: KernelsV4.axpy, scale: KernelsV4.scale,
    subtract: KernelsV4.subtract, addWidened: KernelsV4.addWidened, isFinite: KernelsV4.isFinite,
    makeReflector: KernelsV4.makeReflector, chaseSweep: KernelsV4.chaseSweep,
    secularSums: KernelsV4.secularSums, multiplyRatios: KernelsV4.multiplyRatios,
    secularVector: KernelsV4.secularVector, narrow: KernelsV4.narrow)
}
