/// The limits above which a pickle is refused.
///
/// Every length that the file declares is first compared with the bytes that are left in the file;
/// these limits apply to all other sizes.
public struct PickleLimits: Sendable, Equatable {
  /// The deepest nesting of lists, tuples and dictionaries.
  public var depth: Int
  /// The largest width of a row.
  public var width: Int
  /// The largest number of bytes that the decoder may hold, in addition to three times the file's
  /// size.
  public var memory: Int
  /// The largest count of numbers in all rows together, in addition to one number for every byte of
  /// the file.
  ///
  /// Rows may share one list, so that a small file can claim to be a large matrix. With the
  /// default, a matrix of Float32 may take four times the file's size and 64 MiB.
  public var cells: Int
  /// The largest number of rows in an array whose data are text.
  ///
  /// The place of each row is kept in memory, and in a file with holes a great number of rows takes
  /// no space on the disk.
  public var textRows: Int

  /// Creates limits; the defaults are far above what any real store of embeddings needs.
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
