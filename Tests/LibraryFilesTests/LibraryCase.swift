import Files
import Foundation
import JSON
import LibraryFiles
import TestSupport

/// Files that a library has written, unpacked from `Fixtures`, and what the library returned for
/// them.
struct LibraryCase {
  let directory: TemporaryDirectory
  let expected: JSONValue

  /// Unpacks the files of a library in one version, such as `chroma-1.5.9`.
  init(_ name: String) throws {
    directory = try TemporaryDirectory(name)
    let packed = "\(try Self.packed.get())/\(name).tar.gz"
    let outcome = try TestSupport.run("/bin/tar", ["-xzf", packed, "-C", directory.path])
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    let text = try Data(contentsOf: URL(fileURLWithPath: directory.file("expected.json")))
    guard let expected = JSONValue(parsing: text) else {
      throw OracleError(message: "expected.json of \(name) is not JSON")
    }
    self.expected = expected
  }

  /// The folder of the packed files: those of the repository, and in the long form those that the
  /// libraries write now, each in an environment of its own.
  private static let packed: Result<String, any Error> = Result {
    guard Oracle.isFullRun else {
      return "\(Oracle.repository)/Tests/LibraryFilesTests/Fixtures"
    }
    let folder = "\(Oracle.repository)/.vector-ferry/library-files"
    let outcome = try TestSupport.run(
      "/usr/bin/env",
      ["python3", "\(Oracle.repository)/Scripts/make-library-files.py", "--out", folder])
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    return folder
  }

  /// The path of the unpacked files.
  var path: String { directory.file("files") }

  /// Opens the folder of the unpacked files.
  func folder() throws -> Directory { try Directory(path: path) }
}

/// A document with its vector, in a form that tests compare.
struct ReadDocument: Equatable {
  var id: String
  var text: String?
  var metadata: JSONValue
  var vector: [Float]
}

extension ReadDocument {
  /// Takes a document from what a library returned.
  init(expected value: JSONValue) throws {
    guard let id = value["id"]?.stringValue, let numbers = value["vector"]?.arrayValue else {
      throw OracleError(message: "expected.json has a document without id or vector")
    }
    let metadata = value["metadata"] ?? .null
    self.init(
      id: id, text: value["text"]?.stringValue,
      metadata: metadata == .null ? .object(JSONObject()) : metadata.sorted,
      vector: numbers.map { Float($0.doubleValue ?? .nan) })
  }
}

extension JSONValue {
  /// The same value, in which the members of each object are in the order of their names.
  var sorted: JSONValue {
    switch self {
    case .object(let object):
      var result = JSONObject()
      for name in object.names.sorted() { result[name] = object[name]?.sorted }
      return .object(result)
    case .array(let elements): return .array(elements.map(\.sorted))
    default: return self
    }
  }
}

extension LibraryRows {
  /// Reads all documents with their vectors, sorted by id.
  func all(limit: Int = 7) throws -> [ReadDocument] {
    var result: [ReadDocument] = []
    for first in stride(from: 0, to: count, by: limit) {
      let range = first..<min(first + limit, count)
      var numbers = [Float](repeating: .nan, count: range.count * dimensions)
      try numbers.withUnsafeMutableBufferPointer { try readVectors(range, into: $0) }
      for position in range {
        let document = try document(at: position)
        guard let metadata = JSONValue(parsing: document.metadata) else {
          throw OracleError(message: "the metadata of \(document.id) are not JSON")
        }
        let start = (position - first) * dimensions
        result.append(
          ReadDocument(
            id: document.id, text: document.text, metadata: metadata.sorted,
            vector: Array(numbers[start..<start + dimensions])))
      }
    }
    return result.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }
}
