import Testing

@testable import Pickle

/// Tests that a tuple of vectors is read like a list of the same vectors.
@Suite struct OuterTupleTests {
  /// The form of the vectors in a pickle.
  enum Kind: String, CaseIterable {
    case smallIntegers, pairsInLists, scalars
  }

  private static let memoize: [UInt8] = [0x94]

  private static func vectors(_ kind: Kind, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<count {
      switch kind {
      case .smallIntegers: bytes += [0x4B, UInt8(truncatingIfNeeded: row), 0x85, 0x94]
      case .pairsInLists:
        bytes += [0x5D, 0x94, 0x28] + Assembly.floats([Double(row), -1]) + [0x65]
      case .scalars:
        bytes.append(0x28)
        for column in 0..<4 { bytes += scalar(row + column, isFirst: row + column == 0) }
        bytes += [0x74, 0x94]
      }
    }
    return bytes
  }

  /// Returns a NumPy scalar; the first scalar names function and type, and later scalars take both
  /// from the memo.
  private static func scalar(_ value: Int, isFirst: Bool) -> [UInt8] {
    let head =
      isFirst
      ? Assembly.bytes("cnumpy.core.multiarray\nscalar\n") + memoize + Assembly.dtype("f4")
        + memoize : [0x68, 0, 0x68, 1]
    let data = withUnsafeBytes(of: Float(value).bitPattern.littleEndian, Array.init)
    return head + [0x43, 4] + data + [0x86, 0x94, 0x52, 0x94]
  }

  /// Returns the numbers of a row.
  private static func numbers(_ kind: Kind, row: Int) -> [Float] {
    switch kind {
    case .smallIntegers: [Float(UInt8(truncatingIfNeeded: row))]
    case .pairsInLists: [Float(row), -1]
    case .scalars: (0..<4).map { Float(row + $0) }
    }
  }

  @Test(arguments: Kind.allCases)
  func `many short vectors in a tuple are read as they are in a list`(kind: Kind) throws {
    let count = kind == .pairsInLists ? 300_000 : 100_000
    let tuple = [0x80, 4, 0x28] + Self.vectors(kind, count: count) + [0x74, 0x94, 0x2E]
    let rows = try PickledRows(source: PickleBytes(tuple))
    #expect(rows.rowCount == count)
    for row in [0, 1, count / 2, count - 1] {
      let expected = Self.numbers(kind, row: row).map(\.bitPattern)
      #expect(try rows.bits(of: row..<row + 1) == expected, "row \(row)")
    }
  }

  @Test(arguments: [
    // The cases are vectors of vectors, a number between vectors, and a vector that grows after
    // another vector began.
    "(K\u{1}\u{85}K\u{2}\u{85}\u{86}K\u{1}\u{85}K\u{2}\u{85}\u{86}t.",
    "(K\u{1}\u{85}K\u{2}\u{85}K\u{3}t.", "(]K\u{1}a]K\u{2}aat.", "(]K\u{1}a]K\u{2}aK\u{3}aaat.",
    "(K\u{1}\u{85}K\u{2}\u{85}", "(K\u{1}\u{85}]t.", "(K\u{1}\u{85})t.",
  ])
  func `what is no sequence of vectors is refused`(text: String) {
    #expect(refusal(Assembly.bytes(text)) != nil)
    #expect(refusal(Assembly.bytes(text), takesRuns: false) != nil)
  }

  @Test func `two and three vectors need no mark`() throws {
    let one = Assembly.bytes("K\u{1}K\u{2}\u{86}")
    let other = Assembly.bytes("](K\u{3}K\u{4}e")
    let pair = try decode(one + other + Assembly.bytes("\u{86}."))
    #expect(pair.rows == 2 && pair.columns == 2)
    #expect(pair.bits == [1, 2, 3, 4].map { Float($0).bitPattern })
    let three = try decode(one + other + one + Assembly.bytes("\u{87}."))
    #expect(three.bits == [1, 2, 3, 4, 1, 2].map { Float($0).bitPattern })
  }
}
