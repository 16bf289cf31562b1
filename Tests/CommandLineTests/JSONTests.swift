import Foundation
import JSON
import Stores
import TestSupport
import Testing

@testable import CommandLine

@Suite("JSON is what any reader expects")
struct JSONTests {
  @Test("A document is pretty, and in the order it was put together")
  func pretty() {
    var members: JSONObject = ["run": "a", "stores": [], "empty": [:], "run": 2]
    members["late"] = .null
    members["gone"] = 1
    members["gone"] = nil
    members["list"] = [1, -2.5, true, nil, ["x": [false]]]
    #expect(
      JSONValue.object(members).text == """
        {
          "run": 2,
          "stores": [],
          "empty": {},
          "late": null,
          "list": [
            1,
            -2.5,
            true,
            null,
            {
              "x": [
                false
              ]
            }
          ]
        }
        """)
  }

  @Test("Names are told apart by their bytes")
  func names() {
    var object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
    #expect(object.names.count == 2)
    object["e\u{301}"] = nil
    #expect(JSONValue.object(object).text == "{\n  \"\u{E9}\": 1\n}")
  }

  @Test(arguments: [
    (JSONValue.double(.nan), "null"), (.double(.infinity), "null"), (.double(-.infinity), "null"),
    (.double(0.1), "0.1"), (.double(-0.0), "-0.0"), (.double(1), "1.0"), (.double(1e300), "1e+300"),
    (.double(.leastNonzeroMagnitude), "5e-324"), (.int(.max), "9223372036854775807"),
    (.int(.min), "-9223372036854775808"), (.bool(false), "false"),
    (JSONValue(String?.none), "null"),
    (JSONValue(Int?(3)), "3"), (.string(""), #""""#), (.string(#"a"b\c/"#), #""a\"b\\c/""#),
    (.string("\n\r\t\u{8}"), #""\n\r\t\u0008""#),
    (.string("\u{1B}\u{7F}\u{9B}"), #""\u001b\u007f\u009b""#),
    (.string("\u{2028}"), #""\u2028""#), (.string("é😀\u{FFFD}"), #""é😀\#u{FFFD}""#),
    (.string("\u{FFFE}\u{10FFFF}"), "\"\u{FFFE}\u{10FFFF}\""),
  ])
  func scalars(_ value: JSONValue, _ text: String) { #expect(value.text == text) }

  @Test(
    "Python reads back what was written",
    .needsPython)
  func python() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let documents = (0..<200).map { _ in random(depth: 4, &generator) }
    let input = JSONValue.array(documents).text
    // Python prints every character as an escape and every double with all digits.
    let outcome = try Oracle.run(
      "import json, sys; print(json.dumps(json.loads(sys.stdin.buffer.read().decode())))",
      input: Data(input.utf8))
    let expected = "[" + documents.map(asPythonDumps).joined(separator: ", ") + "]\n"
    #expect(outcome.text == expected, "seed \(seed)")
  }

  private func random(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0...(depth > 0 ? 7 : 4), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .int(Int(truncatingIfNeeded: generator.next()))
    case 3:
      // Python and Swift print multiples of 1/64 in the same form.
      return .double(Double(Int.random(in: -1_000_000...1_000_000, using: &generator)) / 64)
    case 4: return .string(text(&generator))
    case 5, 6:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0...5, using: &generator) {
        object[text(&generator)] = random(depth: depth - 1, &generator)
      }
      return .object(object)
    default:
      return .array(
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
          random(depth: depth - 1, &generator)
        })
    }
  }

  @Test func `what comes from elsewhere keeps its numbers, and harms no terminal`() {
    let document: JSONValue = ["metadata": .verbatim("{\"n\": 1.10, \"t\": \"\u{9B}31m é\"}")]
    #expect(document.text.contains("{\"n\": 1.10, \"t\": \"\\u009b31m é\"}"))
  }

  private func text(_ generator: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let limit: UInt32 = [0xFF, 0x2FFF, 0x10FFFF].randomElement(using: &generator) ?? 0xFF
      text.unicodeScalars.append(
        Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator)) ?? "x")
    }
    return text
  }

  /// Returns the text that Python's `json.dumps` writes, made without the writer that is tested.
  private func asPythonDumps(_ value: JSONValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return "\(number)"
    case .double(let number): return "\(number)"
    case .string(let text): return quoted(text)
    case .verbatim(let text): return text
    case .array(let elements):
      return "[" + elements.map(asPythonDumps).joined(separator: ", ") + "]"
    case .object(let object):
      let members = object.members.map { "\(quoted($0.name)): \(asPythonDumps($0.value))" }
      return "{" + members.joined(separator: ", ") + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    let short: [UInt16: String] = [
      8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: "\\\"", 92: "\\\\",
    ]
    let units = text.utf16.map { unit in
      if let escape = short[unit] { return escape }
      if (0x20...0x7E).contains(unit) { return String(UnicodeScalar(UInt8(unit))) }
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return "\"" + units.joined() + "\""
  }
}
