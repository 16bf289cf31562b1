internal import Pickle

/// What a listing shows of a store: for the usual ones, what can be told without reading them whole.
public struct StorePeek: Sendable, Equatable {
  /// How many vectors there seem to be; nil where only reading all of them would tell.
  public let vectorCount: Int?
  /// How many numbers the first vector has; nil where it could not be told.
  public let dimensions: Int?
  /// True where the metadata are encrypted; nil where the file could not be read.
  public let isEncrypted: Bool?
  /// The bytes of all files together.
  public let size: Int64
  /// What is damaged, as far as looking tells; nil is no promise that all of it can be read.
  public let problem: String?

  /// Files up to this size are read whole.
  private static let smallFile: Int64 = 1 << 20

  /// Looks at a store; whatever cannot be told is nil, nothing is refused.
  public init(_ store: FoundStore) {
    size = store.size
    let directory = store.refusal == nil ? try? store.open() : nil
    let metadata = try? directory?.openFile(named: StoreFormat.metadataFile)
    isEncrypted = metadata.flatMap { file in
      (try? ForeignKind(file)) == nil ? file : nil
    }.flatMap {
      try? MetadataContent.form(of: FileByteSource($0))
    }.flatMap { form in
      switch form {
      case .array: false
      case .token: true
      case .empty, .other: nil
      }
    }
    let vectors = try? directory?.openFile(named: StoreFormat.vectorsFile)
    var shape: Shape?
    var problem: String?
    do throws(StoreError) {
      shape = try vectors.map { (file) throws(StoreError) in
        try Self.shape(of: file, beside: metadata)
      }
    } catch {
      problem = "\(StoreFormat.vectorsFile): \(error.problem)"
    }
    if problem == nil, let found = metadata.flatMap(MetadataFile.problem(of:)) {
      problem = "\(StoreFormat.metadataFile): \(found)"
    }
    vectorCount = shape?.rows
    dimensions = shape?.dimensions
    self.problem = problem
  }

  private struct Shape {
    let rows: Int?
    let dimensions: Int?
  }

  /// The outline of a large list of lists; any other kind of pickle must be read.
  private static func shape(
    of file: StoreFileHandle, beside metadata: StoreFileHandle?
  ) throws(StoreError) -> Shape {
    if file.facts.size > smallFile, let outline = PickleOutline(file) {
      return Shape(rows: outline.rows, dimensions: outline.dimensions)
    }
    let vectors = try VectorsFile(file, beside: metadata)
    return Shape(rows: vectors.count, dimensions: vectors.count == 0 ? nil : vectors.dimensions)
  }
}

extension StorePeek: CustomStringConvertible {
  /// Vectors, dimensions, encryption; what is not known is shown as `…`.
  public var description: String {
    let count = vectorCount.map(String.init) ?? "…"
    let dimensions = dimensions.map(String.init) ?? "…"
    let kind = isEncrypted.map { $0 ? "encrypted" : "plain" } ?? "…"
    return "\(count) × \(dimensions), \(kind)"
  }
}
