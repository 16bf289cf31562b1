import TestSupport
import Testing

@testable import Pickle

/// Tests each opcode with pickles that are read and pickles that are refused.
@Suite struct OpcodeTests {
  private func b(_ text: String) -> [UInt8] { Assembly.bytes(text) }

  @Test(arguments: [
    ("lists by APPENDS", "](](K\u{1}K\u{2}e](K\u{3}K\u{4}ee."),
    ("lists by APPEND", "]]K\u{1}aK\u{2}aa]K\u{3}aK\u{4}aa."),
    ("LIST and TUPLE with marks", "((K\u{1}K\u{2}l(K\u{3}K\u{4}tt."),
    ("TUPLE2", "K\u{1}K\u{2}\u{86}K\u{3}K\u{4}\u{86}\u{86}."),
    ("protocol 0", "(lp0\n(lp1\nI1\naF2.0\naa(lp2\nL3L\naI4\naa."),
    (
      "integers of every opcode", "](](K\u{1}M\u{2}\u{0}e](J\u{3}\u{0}\u{0}\u{0}\u{8A}\u{1}\u{4}ee."
    ),
    ("LONG4", "](](K\u{1}\u{8B}\u{1}\u{0}\u{0}\u{0}\u{2}e](K\u{3}K\u{4}ee."),
    ("memo between batches", "]\u{94}(]\u{94}(K\u{1}e\u{94}(K\u{2}e](K\u{3}K\u{4}ee."),
    ("an empty batch", "](](K\u{1}e(e(K\u{2}e](K\u{3}K\u{4}ee."),
    ("a row by GET", "](](K\u{1}K\u{2}eq\u{5}(K\u{3}K\u{4}te."),
    ("a memo with gaps", "]q\u{7}](K\u{1}K\u{2}er\u{9}\u{0}\u{0}\u{0}a](K\u{3}K\u{4}ea."),
    (
      "a frame",
      "\u{80}\u{4}\u{95}\u{12}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}](](K\u{1}K\u{2}e](K\u{3}K"
        + "\u{4}ee."
    ),
  ])
  func `Rows are read however they are written`(name: String, text: String) throws {
    let matrix = try decode(b(text))
    let wanted: [Float] = [1, 2, 3, 4]
    #expect(matrix == Matrix(rows: 2, columns: 2, bits: wanted.map(\.bitPattern)), "\(name)")
    #expect(try decode(b(text), takesRuns: false) == matrix, "\(name), without runs")
  }

  @Test(arguments: [
    ("EMPTY_LIST", "]."), ("EMPTY_TUPLE", ")."), ("protocol 0", "(lp0\n."), ("TUPLE", "(t."),
  ])
  func `An empty sequence has no rows`(name: String, text: String) throws {
    let rows = try PickledRows(source: PickleBytes(b(text)))
    #expect(rows.rowCount == 0 && rows.uniformWidth == nil, "\(name)")
  }

  @Test(arguments: ["numpy.core.multiarray", "numpy._core.multiarray", "numpy.core._internal"])
  func `Arrays are read under every name NumPy has had`(module: String) throws {
    let data = Assembly.blob([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    let row = Assembly.array(shape: [2], Assembly.dtype("f4"), data, module: module)
    #expect(
      try decode(Assembly.list([row, row]) + b("."))
        == Matrix(
          rows: 2, columns: 2, bits: [1, 2, 1, 2].map { (x: Float) in x.bitPattern }))
  }

  @Test func `What Python 2 wrote is read, in its three protocols`() throws {
    let protocol0 =
      "(lp0\ncnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntp3\nS'b'\np4\ntp5\n"
      + "Rp6\n(I1\n(I2\ntp7\ncnumpy\ndtype\np8\n(S'f4'\np9\nI0\nI1\ntp10\nRp11\n(I3\nS'<'\np12\nNNNI-1\n"
      + "I-1\nI0\ntp13\nbI00\nS'\\x00\\x00\\x80?\\x00\\x00\\x00@'\np14\ntp15\nba."
    let protocol2 =
      "\u{80}\u{2}]q\u{1}cnumpy.core.multiarray\n_reconstruct\nq\u{2}cnumpy\nndarray\nq\u{3}K\u{0}\u{85}"
      + "U\u{1}b\u{87}Rq\u{4}(K\u{1}K\u{2}\u{85}cnumpy\ndtype\nq\u{5}U\u{2}f4K\u{0}K\u{1}\u{87}Rq\u{6}"
      + "(K\u{3}U\u{1}<NNNJ\u{FF}\u{FF}\u{FF}\u{FF}J\u{FF}\u{FF}\u{FF}\u{FF}K\u{0}tb\u{89}"
      + "U\u{8}\u{0}\u{0}\u{80}?\u{0}\u{0}\u{0}@tba."
    for text in [protocol0, protocol2] {
      let wanted: [Float] = [1, 2]
      #expect(
        try decode(b(text)) == Matrix(rows: 1, columns: 2, bits: wanted.map(\.bitPattern)))
    }
  }

  @Test func `Opcodes that are never needed are refused by name and place`() throws {
    let refused: [Opcode] = [
      .newobjEx, .inst, .obj, .persid, .binpersid, .ext1, .ext2, .ext4, .pop, .popMark, .dup,
      .nextBuffer, .readonlyBuffer, .emptyDict, .dict, .setitem, .setitems, .emptySet, .additems,
      .frozenset, .newobj,
    ]
    for opcode in refused {
      let error = try #require(refusal(b("](") + [opcode.rawValue] + b("e.")))
      #expect(error.kind == .opcodeNotAllowed && error.offset == 2, "\(opcode.name)")
      #expect(error.description.hasPrefix("byte 2: \(opcode.name) is not allowed"))
    }
    for byte in UInt8.min...UInt8.max where Opcode(rawValue: byte) == nil {
      #expect(refusal(b("](") + [byte, 0, 0, 0, 0])?.kind == .unknownOpcode, "\(byte)")
    }
  }

  @Test func `A name of code is refused with the name, made safe to print`() throws {
    let error = try #require(refusal(b("cos\nsystem\n(S'id'\ntR.")))
    #expect(error.kind == .globalNotAllowed("os system") && error.offset == 0)
    #expect(error.description.hasPrefix("byte 0: GLOBAL 'os system' is not allowed; "))
    let odd = try #require(refusal(b("c\u{1B}[31mos\nsys\u{7}tem\n.")))
    #expect(!odd.description.contains("\u{1B}") && !odd.description.contains("\u{7}"))
  }

  @Test(arguments: [
    ("", PickleError.Kind.truncated), ("](", .truncated), ("].]", .trailingBytes(1)),
    ("(.", .malformed("STOP with 0 items instead of one")),
    ("]].", .malformed("STOP with 2 items instead of one")),
    ("K\u{1}.", .notRows("it is a number")), ("N.", .notRows("it is None")),
    ("](K\u{1}K\u{2}e.", .notRows("it is a single list of 2 numbers")),
    ("](](K\u{1}eK\u{2}e.", .notRows("row 1 is a number")),
    ("](](K\u{1}e]e.", .notRows("row 1 is empty")),
    ("](](K\u{1}\u{88}ee.", .notRows("a bool stands among the numbers of a vector")),
    ("](](](K\u{1}eee.", .notRows("row 0 holds vectors instead of numbers")),
    ("](X\u{1}\u{0}\u{0}\u{0}ae.", .notRows("row 0 is a string")),
    ("]q\u{0}(h\u{0}e.", .malformed("a list changes after it was used: a cycle")),
    ("]q\u{1}q\u{1}.", .malformed("memo index 1 comes out of order")),
    ("]q\u{63}.", .limit("memo index 99 in a file of 4 bytes")),
    ("h\u{0}.", .malformed("memo index 0 was never set")),
    ("\u{80}\u{6}].", .unsupported("pickle protocol 6 is not known")),
    ("]\u{80}\u{4}.", .malformed("PROTO inside the pickle")),
    (
      "\u{95}\u{2}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}](K\u{1}e.",
      .notRows("it is a single list of 1 numbers")
    ),
    (
      "\u{95}\u{3}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}](K\u{1}e.",
      .malformed("an opcode reaches beyond its frame")
    ),
  ])
  func `What is wrong is said`(text: String, kind: PickleError.Kind) {
    #expect(refusal(b(text))?.kind == kind, "\(text)")
    #expect(refusal(b(text), takesRuns: false)?.kind == kind, "\(text), without runs")
  }

  @Test func `Declared lengths are compared with the file, never believed`() {
    for text in [
      "B\u{FF}\u{FF}\u{FF}\u{7F}", "X\u{FF}\u{FF}\u{FF}\u{FF}", "T\u{FF}\u{FF}\u{FF}\u{FF}",
      "\u{8E}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}",
      "\u{96}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}", "\u{8B}\u{FF}\u{FF}\u{FF}\u{7F}",
      "\u{95}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{7F}",
    ] {
      #expect(refusal(b(text + "abc."))?.kind == .truncated, "\(text)")
    }
  }

  @Test func `Nesting, shared rows and many small values meet their limits`() throws {
    let wide = Assembly.list([Assembly.floats(Array(repeating: 1, count: 3072))]) + b("\u{94}")
    let shared = b("](") + wide + b(String(repeating: "h\u{0}", count: 20_000)) + b("e.")
    let nested = b(String(repeating: "(", count: 300) + String(repeating: "t", count: 300) + ".")
    let pickles: [(String, [UInt8])] = [
      ("tuples in tuples", b(")" + String(repeating: "\u{85}", count: 64) + ".")),
      ("marks and tuples", nested), ("one row shared", shared),
      ("lists", Array(repeating: 0x5D, count: 1_000_000)),
      ("marks", Array(repeating: 0x28, count: 1_000_000)),
      ("nothings", Array(repeating: 0x4E, count: 1_000_000)),
    ]
    for (name, pickle) in pickles {
      let kind = refusal(pickle)?.kind
      guard case .limit? = kind else {
        Issue.record("\(name): \(kind.map { "\($0)" } ?? "accepted")")
        continue
      }
    }
    // With one level less, the pickle is not refused for its depth.
    let flat = refusal(b(")" + String(repeating: "\u{85}", count: 8) + "."))?.kind
    if case .limit? = flat { Issue.record("eight levels met a limit") }
  }

  @Test func `One pass converts lists of floats, and leaves to a second what is not so plain`()
    throws
  {
    let plain = Assembly.store([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]])
    #expect(try convertedAtOnce(plain, room: 10) == decode(plain))
    #expect(try convertedAtOnce(plain, room: 9) == nil)
    #expect(try convertedAtOnce(Assembly.store([[1, 2, 3, 4, .nan]]), room: 10) == nil)
    let shared = b("](") + Assembly.list([Assembly.floats([1, 2])]) + b("q\u{1}h\u{1}e.")
    #expect(try convertedAtOnce(shared, room: 10) == nil)
    let array = Assembly.array(shape: [1], Assembly.dtype("u1"), Assembly.blob([5]))
    #expect(try convertedAtOnce(Assembly.list([array]) + b("."), room: 10) == nil)
  }

  @Test func `A long store of NumPy scalars stays within the memory it is allowed`() throws {
    // The first row names function and type, and later rows refer to them. Each scalar has memo
    // entries of its own, as CPython writes them: together more entries than the memo holds.
    let type = b("cnumpy.core.multiarray\nscalar\nq\u{0}") + Assembly.dtype("f4") + b("q\u{1}")
    var bytes = b("](](") + type + b("C\u{4}\u{0}\u{0}\u{80}?\u{86}Ree")
    bytes.removeLast()
    var index: UInt32 = 2
    for _ in 0..<150 {
      bytes += b("](")
      for _ in 0..<700 {
        bytes += b("h\u{0}h\u{1}C\u{4}\u{0}\u{0}\u{80}?")
        for opcode in ["", "\u{86}", "R"] {
          bytes += b(opcode) + b("r") + withUnsafeBytes(of: index.littleEndian, Array.init)
          index += 1
        }
      }
      bytes += b("e")
    }
    bytes += b("e.")
    let limits = PickleLimits(memory: 40 << 20)
    let rows = try PickledRows(source: PickleBytes(bytes), limits: limits)
    #expect(rows.rowCount == 151 && rows.width(ofRow: 150) == 700)
    #expect(try rows.bits(of: 150..<151).allSatisfy { $0 == Float(1).bitPattern })
  }

  @Test func `Rows of different widths are all there, and the first odd one is named`() throws {
    let rows = try PickledRows(
      source: PickleBytes(Assembly.store([[1, 2], [3, 4], [5], [6, 7]])))
    #expect(rows.firstDeviatingRow == 2 && rows.uniformWidth == nil)
    #expect((0..<4).map(rows.width(ofRow:)) == [2, 2, 1, 2])
    #expect(try rows.bits(of: 1..<3) == [3, 4, 5].map { (x: Float) in x.bitPattern })
  }

  @Test func `Rows may be read in any order, by many tasks at once`() async throws {
    let values = (0..<500).map { row in (0..<40).map { Double(row * 40 + $0) } }
    let rows = try PickledRows(source: PickleBytes(Assembly.store(values)))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for start in stride(from: 0, to: 500, by: 50).reversed() {
        group.addTask {
          let bits = try rows.bits(of: start..<start + 50)
          return bits == values[start..<start + 50].joined().map { Float($0).bitPattern }
        }
      }
      for try await agrees in group { #expect(agrees) }
    }
  }
}
