/// The limits above which a pickle is refused.
///
/// Every length that the file declares is first compared with the bytes that are left; these limits
/// apply to everything else.
public struct PickleLimits: Sendable, Equatable {
  /// How deep lists, tuples and dictionaries may be nested.
  public var depth: Int
  /// How many numbers one row may have.
  public var width: Int
  /// How many bytes the decoder may hold, in addition to three times the file's size.
  public var memory: Int
  /// How many numbers all rows may have together, in addition to one for every byte of the file.
  ///
  /// Rows may share one list, so that a small file claims a large matrix. The default lets a matrix
  /// of Float32 take four times the file's size and 64 MiB.
  public var cells: Int
  /// How many rows an array may have if its data are text.
  ///
  /// The place of each row is kept, and in a file with holes very many rows take no space on the
  /// disk.
  public var textRows: Int

  /// Creates limits; no real store of embeddings comes near the defaults.
  public init(
    depth: Int = 64, width: Int = 1 << 20, memory: Int = 40 << 20, cells: Int = 16 << 20,
    textRows: Int = .max
  ) {
    self.depth = depth
    self.width = width
    self.memory = memory
    self.cells = cells
    self.textRows = textRows
  }
}
