import Foundation
import TestSupport
import Testing

@testable import Pickle

/// A matrix of Float32; two matrices are equal where all bits are.
struct Matrix: Equatable {
  var rows: Int
  var columns: Int
  var bits: [UInt32]
}

/// Reads a whole pickle; refuses rows of different widths, as callers do.
func decode(_ bytes: [UInt8], takesRuns: Bool = true) throws -> Matrix {
  let rows = try PickledRows(
    source: PickleBytes(bytes), limits: PickleLimits(), takesRuns: takesRuns)
  guard rows.rowCount > 0 else { return Matrix(rows: 0, columns: 0, bits: []) }
  let width = try #require(rows.uniformWidth, "row \(rows.firstDeviatingRow ?? 0) deviates")
  return Matrix(
    rows: rows.rowCount, columns: width, bits: try rows.bits(of: 0..<rows.rowCount))
}

/// Reads a whole pickle in one pass; nil where one pass was not enough.
func convertedAtOnce(_ bytes: [UInt8], room: Int) throws -> Matrix? {
  var numbers = [Float](repeating: .nan, count: room)
  let (rows, isConverted) = try numbers.withUnsafeMutableBufferPointer { buffer in
    try PickledRows.open(source: PickleBytes(bytes), convertingInto: buffer)
  }
  guard isConverted else { return nil }
  let columns = rows.uniformWidth ?? 0
  let bits = numbers.prefix(rows.rowCount * columns).map(\.bitPattern)
  return Matrix(rows: rows.rowCount, columns: columns, bits: bits)
}

/// Returns the error by which a pickle is refused; nil where the pickle is read.
func refusal(_ bytes: [UInt8], takesRuns: Bool = true) -> PickleError? {
  do {
    let rows = try PickledRows(
      source: PickleBytes(bytes), limits: PickleLimits(), takesRuns: takesRuns)
    _ = try rows.bits(of: 0..<rows.rowCount)
    return nil
  } catch let error as PickleError {
    return error
  } catch {
    return PickleError(.unreadable("\(error)"))
  }
}

extension PickledRows {
  func bits(of range: Range<Int>) throws -> [UInt32] {
    let count = range.reduce(0) { $0 + width(ofRow: $1) }
    var numbers = [Float](repeating: .nan, count: count)
    try numbers.withUnsafeMutableBufferPointer { buffer in try read(rows: range, into: buffer) }
    return numbers.map(\.bitPattern)
  }
}

/// Reads the little-endian records that the reference scripts write.
struct RecordReader {
  private let bytes: Data
  private var place = 0

  init(_ bytes: Data) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  mutating func byte() throws -> UInt8 { try take(1)[0] }

  mutating func count() throws -> Int {
    Int(try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }

  mutating func block() throws -> [UInt8] { try take(try count()) }

  mutating func matrix() throws -> Matrix {
    let (rows, columns) = (try count(), try count())
    let raw = try take(rows * columns * 4)
    let bits = raw.withUnsafeBytes { all in
      (0..<rows * columns).map { all.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
    }
    return Matrix(rows: rows, columns: rows == 0 ? 0 : columns, bits: bits)
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count <= bytes.count - place else { throw ReferenceError(message: "output cut short") }
    defer { place += count }
    return [UInt8](bytes[bytes.startIndex + place..<bytes.startIndex + place + count])
  }
}

extension Oracle {
  /// Returns the matrix that CPython and NumPy read from each of these pickles; nil where they
  /// refuse the pickle.
  static func matrices(_ pickles: [[UInt8]]) throws -> [Matrix?] {
    var input = Data()
    for pickle in pickles {
      withUnsafeBytes(of: UInt32(pickle.count).littleEndian) { input.append(contentsOf: $0) }
      input.append(contentsOf: pickle)
    }
    guard let python else { throw ReferenceError(message: "no Python test environment") }
    let outcome = try TestSupport.run(
      python, ["\(repository)/Scripts/pickle-oracle.py"], input: input)
    guard outcome.status == 0 else { throw ReferenceError(message: outcome.errorText) }
    var reader = RecordReader(outcome.output)
    return try pickles.map { _ in try reader.byte() == 1 ? try reader.matrix() : nil }
  }
}

/// The error where a reference script fails or ends early.
struct ReferenceError: Error, CustomStringConvertible {
  let message: String
  var description: String { "reference: \(message)" }
}
