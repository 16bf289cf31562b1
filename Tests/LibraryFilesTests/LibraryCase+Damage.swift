import Digests
import Files
import Foundation
import LibraryFiles
import TestSupport
import Testing

extension LibraryCase {
  /// Returns the bytes of an unpacked file.
  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  /// Replaces an unpacked file.
  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Changes the bytes of an unpacked file.
  func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try bytes(name)
    body(&bytes)
    try write(bytes, to: name)
  }

  /// Returns the refusal that a body throws; nil where it throws none.
  func refusal(_ body: () throws -> (any LibraryRows)?) -> FileError? {
    do {
      _ = try body()
      return nil
    } catch let error as FileError {
      #expect(!error.problem.isEmpty)
      return error
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  /// Returns the name of the folder in which Chroma has saved the vectors of a collection.
  func segment(of collection: String) throws -> String {
    let found = try ChromaDatabase(in: folder()).collections().first { $0.fullName == collection }
    return try #require(found?.vectorSegment)
  }

  /// Changes one bit at a time in one of the files, and reads them: each is refused, or all of its
  /// documents are read.
  func flip(
    _ names: [String], seed: UInt64, _ open: () throws -> (any LibraryRows)?
  ) throws {
    var generator = SeededGenerator(seed: seed)
    for turn in 0..<(Oracle.isFullRun ? 3000 : 40) {
      let name = names[Int.random(in: 0..<names.count, using: &generator)]
      let whole = try bytes(name)
      if whole.isEmpty { continue }
      var changed = whole
      let place = Int.random(in: 0..<whole.count, using: &generator)
      changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try write(changed, to: name)
      defer { try? write(whole, to: name) }
      do {
        guard let rows = try open() else { continue }
        for position in 0..<rows.count { _ = try rows.document(at: position) }
        var numbers = [Float](repeating: 0, count: rows.count * rows.dimensions)
        try numbers.withUnsafeMutableBufferPointer {
          try rows.readVectors(0..<rows.count, into: $0)
        }
      } catch is FileError {
      } catch {
        Issue.record("seed \(seed), turn \(turn), \(name), byte \(place): \(error)")
      }
    }
  }
}

extension TemporaryDirectory {
  /// Returns the bytes of each file in the folder.
  func digests() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      found[name] = try SHA256.digest(
        of: [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
      ).bytes
    }
    return found
  }
}
