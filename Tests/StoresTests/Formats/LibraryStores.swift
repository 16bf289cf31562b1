import Files
import Foundation
import Stores
import TestSupport

/// Stores that a library has written into a user's folder, and what the library itself reads there.
struct LibraryStores {
  /// A document as the library returns it.
  struct Expected: Decodable {
    let id: String?
    let text: String
    let metadata: JSONAny
    /// The numbers as the bits of Float32.
    let bits: [UInt32]
  }

  let directory: TemporaryDirectory
  /// The documents of each collection, in the order of the files.
  let expected: [String: [Expected]]

  /// Runs a script in a Python environment; its argument is the folder of the user `ann`, and it
  /// prints the documents of each collection as JSON.
  init(_ environment: PythonEnvironment, _ script: String) throws {
    directory = try TemporaryDirectory("library")
    let folder = directory.file("user_data/ann")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let outcome = try environment.run(Self.common + script, [folder])
    expected = try JSONDecoder().decode([String: [Expected]].self, from: outcome.output)
  }

  var root: String { directory.file("user_data") }

  func found() throws -> [FoundStore] { try StoreScanner(root: root).stores() }

  /// What the scripts share: documents whose texts, metadata and vectors are not the simplest.
  static let common = """
    import json, random, struct, sys
    folder = sys.argv[1]
    def bits(vector):
        return [struct.unpack('<I', struct.pack('<f', x))[0] for x in vector]
    def row(id, text, metadata, vector):
        return {'id': id, 'text': text, 'metadata': metadata, 'bits': bits(vector)}
    def joined(entry, name, *others):
        rest = {k: v for k, v in entry.items() if k not in others and k != name}
        if name not in entry: return rest
        if set(rest) & set(entry[name]): return {**rest, name: entry[name]}
        return {**entry[name], **rest}
    def documents(count, dimensions=8, seed=1):
        r = random.Random(seed)
        texts = ['plain', 'été 日本 𝄞 "quoted" \\\\ back', 'two\\nlines\\ttab', 'same', 'same']
        result = []
        for i in range(count):
            text = texts[i % len(texts)] + ('' if i % 7 == 3 or i % 5 > 2 else f' {i}')
            metadata = {'n': i, 'x': i / 7, 'big': 12345678901234567890, 'none': None, 'no': False,
                        'deep': {'list': [1, [2.5, {'é': 'ü'}], 'a,b]}']}} if i % 3 else {}
            vector = [r.uniform(-1, 1) for _ in range(dimensions)]
            if i % 4 == 1: vector = [struct.unpack('<f', struct.pack('<f', x))[0] for x in vector]
            if i % 4 == 2: vector = [x * 10 ** r.randint(-30, 15) for x in vector[:-1]] + [1]
            result.append((f'id-{i}' + 'é' * (i % 2), text, metadata, vector))
        return result

    """
}

/// Any JSON value, compared as Python compares it.
enum JSONAny: Decodable {
  case object([String: JSONAny])
  case array([JSONAny])
  case string(String)
  case number(Decimal)
  case bool(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Decimal.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONAny].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONAny].self))
    }
  }
}

extension JSONAny: Equatable {
  static func == (left: JSONAny, right: JSONAny) -> Bool {
    switch (left, right) {
    case (.object(let left), .object(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    // Python writes the shortest digits of a double, and all digits of a whole number.
    case (.number(let left), .number(let right)):
      left == right || Double("\(left)") == Double("\(right)") && left != left.rounded
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    default: false
    }
  }
}

extension Decimal {
  fileprivate var rounded: Decimal {
    var (value, result) = (self, Decimal())
    NSDecimalRound(&result, &value, 0, .plain)
    return result
  }
}

extension LibraryStores {
  /// Reads a store and compares every document with what the library reads; returns the
  /// differences.
  func differences(
    _ store: FoundStore, from expected: [Expected], options: ReadOptions = ReadOptions(),
    ulps: Int = 0
  ) throws -> [String] {
    let reader = try StoreReader(
      directory: store.path, store: store, keys: KeyRing(environment: [:]), options: options)
    let all = try reader.all(limit: 7)
    try reader.compareVectorsAlone()
    var differences: [String] = []
    if all.count != expected.count {
      differences.append("\(all.count) documents instead of \(expected.count)")
    }
    for (own, other) in zip(all, expected) {
      let metadata = try JSONDecoder().decode(JSONAny.self, from: Data(own.document.metadata))
      if own.document.sourceID != other.id { differences.append("\(other.id ?? "no id"): id") }
      if own.document.text != other.text { differences.append("\(other.id ?? "no id"): text") }
      if metadata != other.metadata {
        differences.append("\(other.id ?? "no id"): \(metadata) is not \(other.metadata)")
      }
      let isClose =
        own.vector.count == other.bits.count
        && zip(own.vector, other.bits).allSatisfy {
          abs(Int($0.bitPattern) - Int($1)) <= ulps
        }
      if !isClose { differences.append("\(other.id ?? "no id"): vector") }
    }
    return differences
  }
}
