import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite("Arrays with texts beside them")
struct ArrayStoreTests {
  /// Python that writes safetensors as its page describes the format.
  private static let write = """
    import numpy as np
    def safetensors(path, array, dtype):
        header = json.dumps({'__metadata__': {'a': 'b'}, 'v': {'dtype': dtype,
          'shape': list(array.shape), 'data_offsets': [0, array.nbytes]}}).encode()
        header += b' ' * (-len(header) % 8)
        open(path, 'wb').write(struct.pack('<Q', len(header)) + header + array.tobytes())
    def lines(path, all):
        with open(path, 'w') as file:
            for i, t, m, v in all: file.write(json.dumps({'id': i, 'text': t, **m}) + chr(10))

    """

  @Test(
    "vectors are those that NumPy reads, of every type, and texts are in their order", .needsPython)
  func equal() throws {
    let stores = try LibraryStores(
      .oracle,
      Self.write + """
        all = [d for d in documents(20) if d[1]]
        vectors = np.array([d[3] for d in all])
        vectors[np.abs(vectors) > 6e4] = 0.5
        result = {}
        def add(stem, array):
            result[stem] = [row(i, t, m, v) for (i, t, m, _), v in zip(all, array.astype('f4').tolist())]
            lines(folder + '/' + stem + '.jsonl', all)
        for name in ['<f4', '>f4', '<f8', '>f8', '<f2', '>f2']:
            stem = name.replace('<', 'little').replace('>', 'big')
            np.save(folder + '/' + stem + '.npy', vectors.astype(name))
            add(stem, vectors.astype(name))
        for version in [(1, 0), (2, 0), (3, 0)]:
            stem = 'v' + str(version[0])
            with open(folder + '/' + stem + '.npy', 'wb') as file:
                np.lib.format.write_array(file, vectors.astype('f4'), version=version)
            add(stem, vectors.astype('f4'))
        np.savez(folder + '/archive.npz', vectors=vectors)
        add('archive', vectors)
        for dtype, name in [('F64', '<f8'), ('F32', '<f4'), ('F16', '<f2')]:
            safetensors(folder + '/' + dtype + '.safetensors', vectors.astype(name), dtype)
            add(dtype, vectors.astype(name))
        cut = (vectors.astype('<f4').view('<u4') >> 16).astype('<u2')
        safetensors(folder + '/BF16.safetensors', cut, 'BF16')
        add('BF16', (cut.astype('<u4') << 16).view('<f4'))
        np.save(folder + '/json.npy', vectors.astype('f4'))
        json.dump([{'id': i, 'text': t, 'meta': m} for i, t, m, v in all], open(folder + '/json.json', 'w'))
        result['json'] = [row(i, t, m, v) for (i, t, m, _), v in zip(all, vectors.astype('f4').tolist())]
        print(json.dumps(result))
        """)
    let found = try stores.found()
    #expect(Set(found.map(\.name.collection)) == Set(stores.expected.keys))
    for store in found {
      #expect(store.format.name == "arrays")
      let expected = try #require(stores.expected[store.name.collection])
      let differences = try stores.differences(store, from: expected)
      let isEqual = differences.isEmpty
      #expect(isEqual, "\(store.name): \(differences.first ?? "")")
    }
  }

  @Test("what is not one array of vectors is refused by name", .needsPython)
  func refused() throws {
    let stores = try LibraryStores(
      .oracle,
      Self.write + """
        all = documents(3)
        v = np.ones((3, 2), dtype='f4')
        np.save(folder + '/objects.npy', np.array([[1, None]] * 3, dtype=object), allow_pickle=True)
        np.save(folder + '/flat.npy', np.ones(3, dtype='f4'))
        np.save(folder + '/fortran.npy', np.asfortranarray(v))
        np.save(folder + '/whole.npy', np.ones((3, 2), dtype='i8'))
        np.savez(folder + '/two.npz', a=v, b=v)
        np.savez_compressed(folder + '/deflated.npz', a=v)
        np.save(folder + '/nan.npy', np.array([[1, 2], [3, np.nan], [0, 0]], dtype='f4'))
        np.save(folder + '/count.npy', np.ones((4, 2), dtype='f4'))
        np.save(folder + '/alone.npy', v)
        safetensors(folder + '/integers.safetensors', v.astype('i4'), 'I32')
        data = open(folder + '/alone.npy', 'rb').read()
        open(folder + '/short.npy', 'wb').write(data[:-1])
        open(folder + '/long.npy', 'wb').write(data + b'x')
        for name in ['objects', 'flat', 'fortran', 'whole', 'two', 'deflated', 'nan', 'count',
                     'integers', 'short', 'long']:
            lines(folder + '/' + name + '.jsonl', all)
        print('{}')
        """)
    let messages = [
      "objects": "is an array of Python objects", "flat": "has 1 dimensions",
      "fortran": "numpy.ascontiguousarray", "whole": "has numbers of the type <i8",
      "two": "has 2 arrays", "deflated": "is compressed; save the vectors with numpy.savez",
      "nan": "row 1, position 1: nan is not a finite Float32",
      "count": "4 vectors but 3 documents", "alone": "alone.jsonl is missing",
      "integers": "has numbers of the type I32", "short": "its size is not that of 3 × 2 numbers",
      "long": "its size is not that of 3 × 2 numbers",
    ]
    let found = try stores.found()
    #expect(Set(found.map(\.name.collection)) == Set(messages.keys))
    for store in found {
      let refusal = #expect(throws: StoreError.self) {
        try StoreReader(directory: store.path, store: store, keys: KeyRing(environment: [:]))
          .check()
      }
      let message = refusal?.description ?? ""
      #expect(message.contains(messages[store.name.collection] ?? "?"), "\(message)")
    }
  }

  @Test(
    "changed bits and early ends of headers are refused or read, and never end the program",
    .needsPython, arguments: ["npy", "npz", "safetensors"])
  func damage(ending: String) throws {
    let stores = try LibraryStores(
      .oracle,
      Self.write + """
        v = np.ones((3, 2), dtype='f4')
        np.save(folder + '/a.npy', v)
        np.savez(folder + '/a.npz', v)
        safetensors(folder + '/a.safetensors', v, 'F32')
        lines(folder + '/a.jsonl', documents(3))
        print('{}')
        """)
    let path = stores.directory.file("user_data/ann/a.\(ending)")
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    for other in ["npy", "npz", "safetensors"] where other != ending {
      try FileManager.default.removeItem(atPath: stores.directory.file("user_data/ann/a.\(other)"))
    }
    let store = try #require(try stores.found().first)
    func check(_ bytes: [UInt8]) throws -> StoreError? {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do {
        try StoreReader(
          directory: store.path, store: store, keys: KeyRing(environment: [:]),
          options: ReadOptions(allowMismatch: true)
        ).check()
        return nil
      } catch {
        return error
      }
    }
    #expect(try check(whole) == nil)
    for count in 0..<whole.count { #expect(try check(Array(whole[..<count])) != nil, "\(count)") }
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<(Oracle.isFullRun ? 3000 : 500) {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      _ = try check(bytes)
    }
  }
}
