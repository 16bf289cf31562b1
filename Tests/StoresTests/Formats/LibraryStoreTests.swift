import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("Stores that other libraries have written", .needsPython, .needs(.clients))
struct LibraryStoreTests {
  @Test(
    "ids, texts, metadata and vectors are those that the library itself returns",
    arguments: Library.all)
  func equal(library: Library) throws {
    let stores = try LibraryStores(library.environment, library.script)
    let found = try stores.found()
    #expect(Set(found.map(\.name.collection)) == Set(stores.expected.keys))
    for store in found {
      #expect(store.format.name == library.name && store.state == .complete)
      let expected = try #require(stores.expected[store.name.collection])
      let options = ReadOptions(allowMismatch: true)
      let differences = try stores.differences(
        store, from: expected, options: options, ulps: library.ulps)
      let isEqual = differences.isEmpty
      #expect(isEqual, "\(differences.first ?? "")")
      let peek = StorePeek(store)
      #expect(peek.vectorCount == expected.count && peek.dimensions == 8 && peek.problem == nil)
    }
  }

  @Test(
    "every beginning of a file is refused",
    arguments: Library.all.filter { !["jsonl", "csv"].contains($0.name) })
  func prefixes(library: Library) throws {
    let stores = try LibraryStores(library.environment, library.small)
    let path = stores.directory.file("user_data/ann/\(library.file)")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in stride(from: 0, to: whole.count, by: Oracle.isFullRun ? 1 : 7) {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      for store in try stores.found() {
        #expect(throws: StoreError.self, "\(count) of \(whole.count) bytes") {
          try StoreReader(
            directory: store.path, store: store, keys: KeyRing(environment: [:]),
            options: ReadOptions(allowMismatch: true)
          ).check()
        }
      }
    }
  }

  @Test("a file with changed bits is refused, or read as Python reads it", arguments: Library.all)
  func flips(library: Library) throws {
    let stores = try LibraryStores(library.environment, library.small)
    let path = stores.directory.file("user_data/ann/\(library.file)")
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let store = try #require(try stores.found().first)
    var generator = SeededGenerator(seed: 20)
    var variants: [[UInt8]] = []
    for _ in 0..<(Oracle.isFullRun ? 3000 : 300) {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
          1 << UInt8.random(in: 0..<8, using: &generator)
      }
      variants.append(bytes)
    }
    let expected = try readByPython(library, variants, stores)
    var accepted = 0
    for (bytes, expected) in zip(variants, expected) {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let options = ReadOptions(allowMismatch: true)
      let differences: [String]
      do {
        differences = try stores.differences(store, from: expected ?? [], options: options)
      } catch is StoreError {
        continue
      }
      accepted += 1
      let place = zip(bytes, whole).enumerated().filter { $0.element.0 != $0.element.1 }
      let changes = place.map { change in
        let around = max(0, change.offset - 20)..<min(bytes.count, change.offset + 20)
        return String(decoding: bytes[around], as: UTF8.self)
      }
      let isEqual = expected != nil && differences.isEmpty
      #expect(isEqual, "\(differences.first ?? "") after \(changes)")
    }
    #expect(accepted > variants.count / 20)
  }

  /// Returns what Python reads from each variant of a file; nil for a variant that it refuses.
  private func readByPython(
    _ library: Library, _ variants: [[UInt8]], _ stores: LibraryStores
  ) throws -> [[LibraryStores.Expected]?] {
    let script =
      LibraryStores.common + library.reading + """

        results = []
        for line in sys.stdin:
            try:
                rows = read(bytes.fromhex(line))
                json.dumps(rows, allow_nan=False, ensure_ascii=False).encode()
            except Exception:
                rows = None
            results.append(rows)
        print(json.dumps(results))
        """
    let hex = "0123456789abcdef".utf8.map { $0 }
    var input = Data()
    for bytes in variants {
      input.append(contentsOf: bytes.flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] })
      input.append(10)
    }
    let outcome = try PythonEnvironment.oracle.run(
      script, [stores.directory.file("user_data/ann")], input: input)
    return try JSONDecoder().decode([[LibraryStores.Expected]?].self, from: outcome.output)
  }
}
