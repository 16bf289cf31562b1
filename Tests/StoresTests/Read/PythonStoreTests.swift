import Digests
import Files
import Foundation
import Stores
import TestSupport
import Testing

@Suite(
  "Stores as Python writes them", .needsPython)
struct PythonStoreTests {
  /// A script that writes a store as the application does: a pickle and JSON, encrypted with Fernet
  /// where asked.
  private static let script = """
    import base64, hashlib, json, os, pickle, random, sys
    folder, user, count, width, protocol, master = sys.argv[1:7]
    random.seed(int(count))
    rows = [[random.uniform(-1, 1) for _ in range(int(width))] for _ in range(int(count))]
    entries = [{
        "id": f"doc_{i}_1700000000", "text": f"Grüße 😀 {i}\\n", "timestamp": f"2024-03-01T12:34:{i % 60:02}.5",
        "tags": ["ä", i, 0.1], "nested": {"x": None},
    } for i in range(int(count))]
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/vectors.pkl", "wb") as file:
        pickle.dump(rows, file, protocol=int(protocol))
    data = json.dumps(entries, ensure_ascii=False, indent=2).encode()
    if master != "plain":
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
        if master == "default":
            key = hashlib.sha256(f"default_key_{user}".encode()).digest()
        else:
            kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=user.encode(), iterations=100000)
            key = kdf.derive(base64.urlsafe_b64decode(master))
        data = Fernet(base64.urlsafe_b64encode(key)).encrypt(data)
    open(folder + "/metadata.json", "wb").write(data)
    import struct
    for row in rows:
        print(hashlib.sha256(struct.pack(f">{len(row)}f", *row)).hexdigest())
    """
  private static let master = "bm90LWEtcmVhbC1rZXktanVzdC1hLXRlc3Qta2V5LTE="

  private func write(
    _ maker: StoreMaker, count: Int = 5, width: Int = 8, pickleProtocol: Int = 4, master: String
  ) throws -> [Substring] {
    let folder = "\(maker.root)/\(maker.name.user)/vector_store_\(maker.name.collection)"
    let words = [
      folder, maker.name.user, "\(count)", "\(width)", "\(pickleProtocol)", master,
    ]
    return try Oracle.run(Self.script, words).text.split(separator: "\n")
  }

  @Test("every float and every text arrive as Python has them", arguments: 0...5)
  func protocols(number: Int) throws {
    for (count, width) in [(0, 0), (1, 3072), (1003, 7), (12, 3072)] {
      let maker = try StoreMaker()
      let rows = try write(
        maker, count: count, width: width, pickleProtocol: number, master: "plain")
      let all = try maker.reader().all(limit: 100)
      #expect(all.count == count)
      for (index, (document, vector)) in all.enumerated() {
        let bytes = vector.flatMap { withUnsafeBytes(of: $0.bitPattern.bigEndian, Array.init) }
        #expect("\(try SHA256.digest(of: bytes))" == rows[index])
        #expect(document.text == "Grüße 😀 \(index)\n")
        #expect(document.sourceID == "doc_\(index)_1700000000")
        #expect(document.createdAt == 762_611_640_500_000 + Int64(index % 60) * 1_000_000)
        #expect(
          String(decoding: document.metadata, as: UTF8.self).filter { !$0.isWhitespace }
            == #"{"tags":["ä",\#(index),0.1],"nested":{"x":null}}"#)
      }
    }
  }

  @Test("encrypted metadata are read with the right key and refused with any other")
  func encrypted() throws {
    for (master, environment) in [
      ("default", [:]), (Self.master, ["ENCRYPTION_MASTER_KEY": Self.master]),
    ] {
      let maker = try StoreMaker(user: "zoë b", collection: "personal_assistant")
      _ = try write(maker, count: 300, master: master)
      let reader = try maker.reader(keys: KeyRing(environment: environment))
      #expect(reader.isEncrypted && reader.documentCount == 300)
      let all = try reader.all(limit: 64)
      #expect(all.last?.document.text == "Grüße 😀 299\n")
      reader.rewind()
      #expect(try reader.all().map(\.document) == all.map(\.document))
      #expect(StorePeek(try maker.found()).isEncrypted == true)
      for wrong in [[:], ["ENCRYPTION_MASTER_KEY": "another"]] where wrong != environment {
        let error = #expect(throws: StoreError.self) {
          try maker.reader(ReadOptions(allowMismatch: true), keys: KeyRing(environment: wrong))
        }
        #expect(error?.kind == .encryption && error?.file.hasSuffix("metadata.json") == true)
        #expect(error?.description.contains("another") == false)
      }
    }
  }

  @Test("vectors without their texts are the rows that an encrypted store's documents have")
  func vectorsAlone() throws {
    for (vectors, options) in [
      (40, ReadOptions()), (25, ReadOptions(allowMismatch: true)),
      (60, ReadOptions(allowMismatch: true)),
    ] {
      let maker = try StoreMaker()
      _ = try write(maker, count: 40, master: "default")
      if vectors != 40 {
        let rows = (0..<vectors).map { [Double($0), 0.5] }
        try maker.write(vectors: pickledVectors(rows), metadata: nil)
      }
      let reader = try maker.reader(options)
      #expect(reader.isEncrypted && reader.vectors.count == min(vectors, 40))
      try reader.compareVectorsAlone()
    }
  }

  @Test("a token that is damaged anywhere is refused, never read as no documents")
  func damaged() throws {
    let maker = try StoreMaker()
    _ = try write(maker, count: 2, master: "default")
    let place = URL(fileURLWithPath: "\(try maker.found().path)/metadata.json")
    let token = try Data(contentsOf: place)
    for index in stride(from: 0, to: token.count - 4, by: 17) {
      var bad = token
      bad[index] = bad[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      try bad.write(to: place)
      #expect(try maker.refusal()?.kind == .encryption, "byte \(index)")
    }
    for length in [0, 1, 4, 100, token.count - 4] {
      try token.prefix(length).write(to: place)
      #expect(try maker.refusal()?.kind == .encryption, "\(length) bytes")
    }
  }

  @Test("a listing tells rows and dimensions without reading a large pickle")
  func peeks() throws {
    let cases: [(count: Int, width: Int, number: Int, Int?, Int?)] = [
      (0, 0, 4, 0, nil), (1, 5, 4, 1, 5), (116, 3072, 4, 116, 3072), (116, 3072, 5, 116, 3072),
      (1000, 300, 4, 1000, 300), (1001, 300, 4, 1001, 300), (2000, 300, 4, 2000, 300),
      (3999, 64, 4, 3999, 64), (2, 3072, 2, 2, 3072),
      (50, 3072, 1, 50, 3072), (255, 600, 2, 255, 600), (256, 600, 3, 256, 600),
      (2345, 128, 2, 2345, 128), (50, 3072, 0, 50, 3072),
    ]
    for (count, width, number, rows, dimensions) in cases {
      let maker = try StoreMaker()
      _ = try write(maker, count: count, width: width, pickleProtocol: number, master: "plain")
      let store = try maker.found()
      let peek = StorePeek(store)
      #expect(peek.vectorCount == rows, "\(count) × \(width), protocol \(number)")
      #expect(peek.dimensions == dimensions, "\(count) × \(width), protocol \(number)")
      #expect(peek.isEncrypted == false && peek.size == store.size)
    }
  }
}
