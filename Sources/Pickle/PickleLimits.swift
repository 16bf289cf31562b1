/// How much a pickle may ask for before it is refused.
///
/// No length that the file declares is ever believed before it is compared with the bytes that
/// are left; these limits bound what remains.
public struct PickleLimits: Sendable, Equatable {
  /// How deep lists, tuples and dictionaries may be nested.
  public var depth: Int
  /// How many numbers one row may have.
  public var width: Int
  /// Bytes that the decoder may hold, besides three times the file's size.
  public var memory: Int
  /// Numbers that all rows may have together, besides one for every byte of the file.
  ///
  /// Rows may share one list, so that a small file claims a large matrix. The default lets a
  /// matrix of Float32 take four times the file's size and 64 MiB.
  public var cells: Int
  /// How many rows one array may have whose data stand in text.
  ///
  /// Of each the place is kept, and in a file with holes that many take no room on the disk.
  public var textRows: Int

  /// Limits that no honest store of embeddings comes near.
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
