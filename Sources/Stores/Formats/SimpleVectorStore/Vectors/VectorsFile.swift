internal import Files
internal import LibraryFiles
internal import Pickle

/// A store's `vectors.pkl`, whose structure is checked and whose rows can be read in any order.
struct VectorsFile: VectorSource {
  /// The largest number of dimensions that pgvector's type `vector` allows.
  static let dimensionLimit = 16_000

  let handle: InputFile
  private let rows: PickledRows
  /// The number of numbers in each vector; 0 where there are no vectors.
  let dimensions: Int

  /// Checks the whole pickle; nothing in it is executed.
  ///
  /// - Parameter metadata: the file of the texts, whose size limits the number of rows that can be
  ///   used.
  init(
    _ handle: InputFile, beside metadata: InputFile? = nil
  ) throws(StoreError) {
    self.handle = handle
    if let kind = try ForeignKind(handle) { throw kind.refusal(.vectors, handle.path) }
    var limits = PickleLimits()
    if let metadata { limits.textRows = max(1 << 20, MetadataFile.mostEntries(in: metadata)) }
    do throws(PickleError) {
      rows = try PickledRows(source: FilePickleSource(handle: handle), limits: limits)
    } catch {
      throw Self.refusal(error, handle.path)
    }
    dimensions = try Self.dimensions(of: rows, handle.path)
  }

  /// The file's path.
  var path: String { handle.path }
  /// The number of vectors.
  var count: Int { rows.rowCount }

  /// Converts the rows of a range, one after the other.
  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    let count = range.count * dimensions
    if vectors.count > count { vectors.removeLast(vectors.count - count) }
    if vectors.count < count {
      vectors.append(contentsOf: repeatElement(0, count: count - vectors.count))
    }
    do {
      try vectors.withUnsafeMutableBufferPointer { try rows.read(rows: range, into: $0) }
    } catch let error as PickleError {
      throw Self.refusal(error, handle.path)
    } catch {
      throw StoreError(.vectors, file: handle.path, problem: "\(error)", remedy: "")
    }
  }

  private static func dimensions(
    of rows: PickledRows, _ path: String
  ) throws(StoreError) -> Int {
    if rows.rowCount == 0 { return 0 }
    let width = rows.width(ofRow: 0)
    if let row = rows.firstDeviatingRow {
      throw StoreError(
        .dimensions, file: path, place: "row \(row)",
        problem: "has \(rows.width(ofRow: row)) dimensions, row 0 has \(width)",
        remedy: "embed the store's texts with one model, or split the store by dimension")
    }
    if width == 0 {
      throw StoreError(
        .dimensions, file: path, place: "row 0", problem: "has no dimensions",
        remedy: "embed the store's texts again")
    }
    if width > dimensionLimit {
      throw StoreError(
        .dimensions, file: path,
        problem: "vectors have \(width) dimensions; pgvector holds at most \(dimensionLimit)",
        remedy: "embed the store's texts with a model of fewer dimensions")
    }
    return width
  }

  private static func refusal(_ error: PickleError, _ path: String) -> StoreError {
    switch error.kind {
    case .interrupted: return .interrupted
    case .notFinite(let row, let column, let value):
      return StoreError(
        .notFinite, file: path, place: "row \(row), position \(column)",
        problem: "\(value) is not a finite Float32",
        remedy: "embed this document again, or remove it from \(SimpleVectorStore.vectorsFile) and "
          + "\(SimpleVectorStore.metadataFile)")
    default:
      return StoreError(.vectors, file: path, problem: "\(error)", remedy: "")
    }
  }
}
