import Files
import Foundation
import Stores
import TestSupport

/// Writes small stores as Python would, without Python.
struct StoreMaker {
  let directory: TemporaryDirectory
  let name: StoreName

  init(user: String = "alice", collection: String = "notes") throws {
    directory = try TemporaryDirectory("store")
    name = StoreName(user: user, collection: collection)
  }

  var root: String { directory.file("user_data") }

  /// Writes both files; nil leaves one out.
  @discardableResult
  func write(vectors: [UInt8]?, metadata: [UInt8]?) throws -> StoreMaker {
    let folder = "user_data/\(name.user)/vector_store_\(name.collection)"
    if let vectors { try directory.write(vectors, to: "\(folder)/vectors.pkl") }
    if let metadata { try directory.write(metadata, to: "\(folder)/metadata.json") }
    return self
  }

  @discardableResult
  func write(rows: [[Double]], json: String) throws -> StoreMaker {
    try write(vectors: pickledVectors(rows), metadata: Array(json.utf8))
  }

  /// The one store, as the scan finds it.
  func found() throws -> FoundStore {
    let stores = try StoreScanner(root: root).stores()
    guard stores.count == 1 else { throw Surprise(text: "found \(stores.count) stores") }
    return stores[0]
  }

  func reader(
    _ options: ReadOptions = ReadOptions(), keys: KeyRing = KeyRing(environment: [:]),
    zone: LocalTime = LocalTime { _ in 0 }
  ) throws -> StoreReader {
    let store = try found()
    return try StoreReader(
      directory: store.path, store: store, keys: keys, options: options, zone: zone)
  }

  /// The refusal that opening and checking the store ends with, nil where there is none.
  func refusal(_ options: ReadOptions = ReadOptions()) throws -> StoreError? {
    do {
      try reader(options).check()
      return nil
    } catch let error as StoreError {
      return error
    }
  }
}

/// A test met what it did not prepare.
struct Surprise: Error {
  let text: String
}

extension StoreReader {
  /// All documents with their vectors, read in batches of `limit`.
  func all(limit: Int = 3) throws -> [(document: Document, vector: [Float])] {
    var batch = DocumentBatch()
    var result: [(Document, [Float])] = []
    while try next(&batch, limit: limit) {
      for (index, document) in batch.documents.enumerated() {
        result.append((document, batch.withVector(index) { Array($0) }))
      }
    }
    return result
  }
}
