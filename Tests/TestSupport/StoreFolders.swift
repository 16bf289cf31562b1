public import Stores

/// The contents of a store's files in a test.
public enum Content: Sendable, Equatable {
  /// Documents with seeded vectors.
  case documents(Int, dimensions: Int = 4)
  /// Two files without a document.
  case nothing
  /// More vectors than entries.
  case unequal
  /// Vectors that are no pickle.
  case damaged
  /// No file of vectors.
  case incomplete
}

/// A folder of stores, written as an application writes them.
public struct StoreFolders: Sendable {
  /// The directory that holds the folder `user_data`.
  public let directory: TemporaryDirectory

  /// Writes the files of stores of the user `ann`, by their collections.
  public init(_ stores: [String: Content]) throws {
    directory = try TemporaryDirectory("stores")
    for (collection, content) in stores { try write(content, to: collection) }
  }

  /// The folder that contains a folder for each user.
  public var root: String { directory.file("user_data") }

  /// Writes the files of a store of the user `ann`.
  public func write(_ content: Content, to collection: String) throws {
    let folder = "user_data/ann/vector_store_\(collection)"
    let vectors = content.vectors
    if let vectors { try directory.write(vectors, to: "\(folder)/vectors.pkl") }
    let entries = (0..<content.entries).map { #"{"id": "d\#($0)", "text": "text \#($0)"}"# }
    try directory.write("[\(entries.joined(separator: ", "))]", to: "\(folder)/metadata.json")
  }

  /// Finds all stores, as a run does.
  public func found() throws -> [FoundStore] { try StoreScanner(root: root).stores() }

  /// Finds the store of a collection.
  public func found(_ collection: String) throws -> FoundStore {
    guard let store = try found().first(where: { $0.name.collection == collection }) else {
      throw Missing(collection: collection)
    }
    return store
  }

  /// The error for a store that does not exist.
  public struct Missing: Error {
    let collection: String
  }
}

extension Content {
  /// The bytes of `vectors.pkl`; nil where there is none.
  fileprivate var vectors: [UInt8]? {
    switch self {
    case .documents(let count, let dimensions):
      var generator = SeededGenerator(seed: 3)
      return pickledVectors(
        (0..<count).map { _ in
          (0..<dimensions).map { _ in Double.random(in: -1...1, using: &generator) }
        })
    case .nothing: return pickledVectors([])
    case .unequal: return pickledVectors([[1, 0, 0, 0], [0, 1, 0, 0]])
    case .damaged: return Array("no pickle".utf8)
    case .incomplete: return nil
    }
  }

  /// The number of entries in `metadata.json`.
  fileprivate var entries: Int {
    switch self {
    case .documents(let count, _): count
    case .nothing: 0
    case .unequal, .damaged, .incomplete: 1
    }
  }
}
