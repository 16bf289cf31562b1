import Foundation
import TestSupport
import Testing

@testable import Pickle

@Suite(.needsPython)
struct ValueTests {
  private func value(
    _ expression: String, _ protocol: Int, classes: Set<String> = []
  ) throws -> PickleValue {
    let script = """
      import pickle, sys, types
      \(expression.contains("np.") ? "import numpy as np" : "")
      store = types.ModuleType('store')
      class Document:
        pass
      Document.__module__ = 'store'
      store.Document = Document
      sys.modules['store'] = store
      d = Document()
      d.text = 'hällo'
      sys.stdout.buffer.write(pickle.dumps(\(expression), \(`protocol`)))
      """
    let bytes = [UInt8](try Oracle.run(script).output)
    return try PickleValue(source: PickleBytes(bytes), classes: classes)
  }

  @Test(arguments: 0...5)
  func `Plain values come through every protocol`(`protocol`: Int) throws {
    let tree = try value(
      "{'id': 7, 'n': None, 'b': [True, False], 'f': 0.5, 't': (1, 'ü\\u20ac\\n'), 'x': -2**63+1,"
        + " 'e': {}, 'y': b'\\x00\\xff'}", `protocol`)
    #expect(tree["id"] == .int(7) && tree["n"] == PickleValue.none)
    #expect(tree["b"] == .list([.bool(true), .bool(false)]) && tree["f"] == .float(0.5))
    #expect(tree["t"] == .tuple([.int(1), .string("ü€\n")]) && tree["x"] == .int(-Int.max))
    #expect(tree["e"] == .dictionary([]) && tree["y"] == .bytes([0, 255]))
  }

  @Test(arguments: 2...5)
  func `An allowed class becomes its name and its state`(`protocol`: Int) throws {
    let state = PickleValue.dictionary([.init(key: .string("text"), value: .string("hällo"))])
    #expect(
      try value("d", `protocol`, classes: ["store.Document"])
        == .object(type: "store.Document", arguments: [], state: state))
    #expect(throws: PickleError.self) { try value("d", `protocol`) }
  }

  @Test func `Arrays and scalars of NumPy keep their numbers`() throws {
    #expect(try value("np.float32(0.5)", 4) == .float(0.5))
    #expect(try value("np.int64(-3)", 4) == .int(-3))
    #expect(
      try value("np.asfortranarray([[1, 2, 3], [4, 5, 6]])", 4)
        == .array(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6]))
  }

  @Test(arguments: ["2**64", "np.uint64(2**63)", "np.dtype('f8')", "'\\ud800'", "print", "1j"])
  func `What would lose something is refused`(expression: String) {
    #expect(throws: PickleError.self) { try value("[\(expression)]", 4) }
  }

  @Test func `Shared parts cannot grow without bound`() throws {
    var bytes = Assembly.bytes("](K\u{1}e\u{94}")
    for level in 0..<40 {
      let fetch = [0x68, UInt8(level)]
      bytes += Assembly.bytes("](") + fetch + fetch + Assembly.bytes("e\u{94}")
    }
    #expect(throws: PickleError.self) {
      try PickleValue(source: PickleBytes(bytes + Assembly.bytes(".")))
    }
  }
}
