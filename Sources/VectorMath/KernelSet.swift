import KernelsPortable
import KernelsV3
import KernelsV4

/// The kernels of one processor level: tile sizes and functions, chosen once at run time.
///
/// Every kernel works on plain pointers. The arguments are those of the functions of the same
/// name in `KernelsPortable`, which are the reference for the other levels.
struct KernelSet: Sendable {
  let level: ProcessorLevel

  /// Rows and columns of C that one call of `gemmTile` computes.
  let tileRows: Int
  let tileColumns: Int

  let gemmTile:
    @Sendable (
      _ depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
      _ overwrite: Bool, _ c: UnsafeMutablePointer<Float>, _ stride: Int
    ) -> Void

  /// Packs rows (first) or columns (second) of a row-major matrix into one panel.
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
    dot: KernelsPortable.dot, wideDot: KernelsPortable.wideDot, axpy: KernelsPortable.axpy,
    scale: KernelsPortable.scale,
    subtract: KernelsPortable.subtract, addWidened: KernelsPortable.addWidened,
    isFinite: KernelsPortable.isFinite)

  private static let v3 = KernelSet(
    level: .v3, tileRows: 6, tileColumns: 16,
    gemmTile: KernelsV3.gemmTile, packRows: KernelsV3.packRows,
    packColumns: KernelsV3.packColumns, moveBlock: KernelsV3.moveBlock,
    dot: KernelsV3.dot, wideDot: KernelsV3.wideDot, axpy: KernelsV3.axpy, scale: KernelsV3.scale,
    subtract: KernelsV3.subtract, addWidened: KernelsV3.addWidened, isFinite: KernelsV3.isFinite)

  private static let v4 = KernelSet(
    level: .v4, tileRows: 12, tileColumns: 32,
    gemmTile: KernelsV4.gemmTile, packRows: KernelsV4.packRows,
    packColumns: KernelsV4.packColumns, moveBlock: KernelsV4.moveBlock,
    dot: KernelsV4.dot, wideDot: KernelsV4.wideDot, axpy: KernelsV4.axpy, scale: KernelsV4.scale,
    subtract: KernelsV4.subtract, addWidened: KernelsV4.addWidened, isFinite: KernelsV4.isFinite)
}
