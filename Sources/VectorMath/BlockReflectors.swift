/// A product of Householder reflectors in blocks I − V·T·Vᵀ, packed for the tile kernel.
///
/// The blocks are applied in the order in which they were appended. `gather` of a block is Vᵀ,
/// which computes coefficients from coordinates; `scatter` is −V·T, which computes coordinates from
/// coefficients.
final class BlockReflectors {
  struct Block {
    /// The first coordinate that the block changes, and the number of coordinates that it changes.
    let first: Int
    let length: Int
    /// The number of reflectors in the block.
    let count: Int
    let gather: UnsafeMutablePointer<Float>
    let scatter: UnsafeMutablePointer<Float>
  }

  /// The number of coordinates that one step sums when coefficients are computed.
  static let depth = 384

  private let kernels: KernelSet
  private var memories: [FloatMemory] = []
  private(set) var blocks: [Block] = []

  init(kernels: KernelSet) { self.kernels = kernels }

  /// Reserves room for blocks and returns their indexes; `pack` fills each block.
  ///
  /// Several threads may pack different blocks at a time.
  func reserve(_ shapes: [(first: Int, length: Int, count: Int)]) -> Range<Int> {
    let sizes = shapes.map { shape in
      (rounded(shape.count) * shape.length, rounded(shape.length) * shape.count)
    }
    let memory = FloatMemory(count: sizes.reduce(0) { $0 + $1.0 + $1.1 })
    memories.append(memory)
    var next = memory.start
    let before = blocks.count
    for (shape, size) in zip(shapes, sizes) {
      blocks.append(
        Block(
          first: shape.first, length: shape.length, count: shape.count, gather: next,
          scatter: next + size.0))
      next += size.0 + size.1
    }
    return before..<blocks.count
  }

  /// Packs V, given as `count` rows, and the rows of (V·T)ᵀ, both with the given stride.
  func pack(
    _ index: Int, reflectors: UnsafePointer<Float>, combined: UnsafePointer<Float>, stride: Int
  ) {
    let block = blocks[index]
    let width = kernels.tileRows
    for row in Swift.stride(from: 0, to: block.count, by: width) {
      kernels.packRows(
        reflectors + row * stride, stride, min(width, block.count - row), block.length, 1, width,
        block.gather + row * block.length)
    }
    for row in Swift.stride(from: 0, to: block.length, by: width) {
      kernels.packColumns(
        combined + row, stride, min(width, block.length - row), block.count, -1, width,
        block.scatter + row * block.count)
    }
  }

  private func rounded(_ count: Int) -> Int {
    (count + kernels.tileRows - 1) / kernels.tileRows * kernels.tileRows
  }

  /// Computes the rows of (V·T)ᵀ: each row is τ·(v − Σ (vₕ·v)·rowₕ), summed over the earlier rows
  /// h.
  static func combine(
    _ reflectors: UnsafePointer<Float>, taus: UnsafePointer<Float>, count: Int, length: Int,
    stride: Int, into combined: UnsafeMutablePointer<Float>, kernels: KernelSet
  ) {
    for row in 0..<count {
      let v = reflectors + row * stride
      let target = combined + row * stride
      target.update(from: v, count: length)
      for before in 0..<row {
        let product = kernels.dot(reflectors + before * stride, v, length)
        if product != 0 { kernels.axpy(-product, combined + before * stride, target, length) }
      }
      kernels.scale(taus[row], target, length)
    }
  }
}

extension BlockReflectors {
  /// Applies every block to panels of vectors: each panel contains `tileColumns` vectors side by
  /// side, coordinate after coordinate, with a few unused coordinates at the end.
  func apply(
    to panels: UnsafeMutablePointer<Float>, count: Int, panelSize: Int,
    work: UnsafeMutablePointer<Float>
  ) {
    for block in blocks {
      gather(block, panels, count, panelSize, work)
      scatter(block, panels, count, panelSize, work)
    }
  }

  /// Returns the number of floats of working memory that `apply` needs for this many panels.
  func workSize(panels: Int) -> Int {
    panels * (blocks.map { rounded($0.count) }.max() ?? 0) * kernels.tileColumns
  }

  private func gather(
    _ block: Block, _ panels: UnsafePointer<Float>, _ count: Int, _ panelSize: Int,
    _ work: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = (kernels.tileRows, kernels.tileColumns)
    let share = rounded(block.count) * width
    for step in stride(from: 0, to: block.length, by: BlockReflectors.depth) {
      let depth = min(BlockReflectors.depth, block.length - step)
      for row in stride(from: 0, to: block.count, by: height) {
        let left = block.gather + row * block.length + step * height
        for panel in 0..<count {
          kernels.gemmTile(
            depth, left, panels + panel * panelSize + (block.first + step) * width, step == 0,
            work + panel * share + row * width, width)
        }
      }
    }
  }

  private func scatter(
    _ block: Block, _ panels: UnsafeMutablePointer<Float>, _ count: Int, _ panelSize: Int,
    _ work: UnsafePointer<Float>
  ) {
    let (height, width) = (kernels.tileRows, kernels.tileColumns)
    let share = rounded(block.count) * width
    for row in stride(from: 0, to: block.length, by: height) {
      let left = block.scatter + row * block.count
      for panel in 0..<count {
        kernels.gemmTile(
          block.count, left, work + panel * share, false,
          panels + panel * panelSize + (block.first + row) * width, width)
      }
    }
  }
}
