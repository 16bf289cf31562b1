internal import Files
internal import LibraryFiles
internal import Pickle

extension SimpleVectorStore {
  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek {
    var peek = StorePeek(size: store.size)
    let metadata = try? folder.openFile(named: Self.metadataFile)
    peek.isEncrypted = metadata.flatMap(Self.isEncrypted)
    do throws(StoreError) {
      if let vectors = try? folder.openFile(named: Self.vectorsFile) {
        try Self.measure(vectors, beside: metadata, &peek)
      }
    } catch {
      peek.problem = "\(Self.vectorsFile): \(error.problem)"
    }
    if peek.problem == nil, let found = metadata.flatMap(MetadataFile.problem(of:)) {
      peek.problem = "\(Self.metadataFile): \(found)"
    }
    return peek
  }

  /// Decides by the first bytes whether a file is encrypted; nil where the file begins neither as a
  /// JSON array nor as a Fernet token.
  private static func isEncrypted(_ file: InputFile) -> Bool? {
    guard (try? ForeignKind(file)) == nil,
      let form = try? MetadataContent.form(of: FileByteSource(file))
    else { return nil }
    switch form {
    case .array: return false
    case .token: return true
    case .empty, .other: return nil
    }
  }

  /// The largest size in bytes of a pickle that is read completely to find the number of vectors.
  private static let smallFile: Int64 = 1 << 20

  /// Finds the number of vectors and their dimensions: from the beginning and the length of a large
  /// list of lists; every other pickle is read completely.
  private static func measure(
    _ file: InputFile, beside metadata: InputFile?, _ peek: inout StorePeek
  ) throws(StoreError) {
    if file.facts.size > smallFile, let outline = PickleOutline(file) {
      (peek.vectorCount, peek.dimensions) = (outline.rows, outline.dimensions)
      return
    }
    let vectors = try VectorsFile(file, beside: metadata)
    peek.vectorCount = vectors.count
    peek.dimensions = vectors.count == 0 ? nil : vectors.dimensions
  }

  /// Returns true where vectors and entries probably do not match.
  ///
  /// A pickle may claim more vectors than the metadata can have entries. Or it may consist mostly
  /// of holes: one block on the disk can read as a terabyte.
  func isProbablyUnreadable(in folder: Directory) -> Bool {
    guard let vectors = try? folder.openFile(named: Self.vectorsFile),
      let metadata = try? folder.openFile(named: Self.metadataFile)
    else { return false }
    let size = vectors.facts.size
    guard size > Self.quicklyHashed else { return false }
    if vectors.isMostlyHoles { return true }
    let most = MetadataFile.mostEntries(in: metadata)
    if let rows = PickleOutline(vectors)?.rows { return rows > most }
    let source = FilePickleSource(handle: vectors)
    guard let rows = (try? PickledRows.peek(source: source))?.count else { return false }
    // A store with small metadata is read first as well, which takes little time: the pickle's
    // header states the number of rows, and there are few entries.
    return rows > most || metadata.facts.size < size / 16
  }

  /// The largest size in bytes of a file that is hashed in a few seconds.
  private static let quicklyHashed: Int64 = 1 << 30

  func refusalOfHoles(in folder: Directory) -> StoreError? {
    (try? folder.openFile(named: Self.metadataFile))?.refusalOfHoles
  }
}
