import Files
import Foundation
import Stores
import TestSupport

/// Writes small stores in the form in which Python writes them.
struct StoreMaker {
  let directory: TemporaryDirectory
  let name: StoreName

  init(user: String = "alice", collection: String = "notes") throws {
    directory = try TemporaryDirectory("store")
    name = StoreName(user: user, collection: collection)
  }

  var root: String { directory.file("user_data") }

  /// Writes the two files of a store; a file that is nil is left out.
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

  /// Returns the only store, as the scan finds it.
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

  /// Returns the error of opening or checking the store; nil where there is none.
  func refusal(_ options: ReadOptions = ReadOptions()) throws -> StoreError? {
    do {
      try reader(options).check()
      return nil
    } catch let error as StoreError {
      return error
    }
  }
}

/// The error where a test finds something that it has not prepared.
struct Surprise: Error {
  let text: String
}

extension StoreReader {
  /// Returns all documents with their vectors, read in batches of `limit`.
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
