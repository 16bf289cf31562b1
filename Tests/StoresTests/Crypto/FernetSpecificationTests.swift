import JSON
import Stores
import Testing

/// Tests the cases of `generate.json`, `verify.json` and `invalid.json` in the Fernet
/// specification.
@Suite("Fernet, the specification's vectors")
struct FernetSpecificationTests {
  private static let secret = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
  private static let valid =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOP"
    + "mrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="

  struct Invalid: Sendable, CustomTestStringConvertible {
    let name: String
    let token: String
    /// The expected error; nil where only the token's age is wrong, which this program ignores.
    let error: FernetError?
    var testDescription: String { name }
  }

  static let invalid = [
    Invalid(
      name: "incorrect MAC",
      token: "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzX"
        + "TuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
      error: .notAuthentic),
    Invalid(
      name: "too short",
      token: "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
      error: .notAToken),
    Invalid(
      name: "invalid base64",
      token: "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzX"
        + "TuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
      error: .notAToken),
    Invalid(
      name: "payload no multiple of the block",
      token: "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9u"
        + "Gib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
      error: .invalidPadding),
    Invalid(
      name: "padding error",
      token: "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYR"
        + "LQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
      error: .invalidPadding),
    Invalid(
      name: "incorrect IV",
      token: "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtD"
        + "BRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
      error: .invalidPadding),
    Invalid(
      name: "far-future time",
      token: "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd"
        + "-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
      error: nil),
    Invalid(
      name: "expired",
      token: "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzX"
        + "TuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
      error: nil),
  ]

  @Test("the valid token decrypts, in parts of any size")
  func valid() throws {
    let key = try #require(FernetKey(base64: Self.secret))
    #expect(try Fernet.decrypt(Array(Self.valid.utf8), key: key) == Array("hello".utf8))
    for chunk in 1...20 {
      let token = MemoryByteSource(Array(Self.valid.utf8), chunk: chunk)
      let plaintext = try Fernet.open(token, key: key)
      #expect(try bytes(of: plaintext, chunk: chunk) == Array("hello".utf8))
    }
  }

  @Test("six of the invalid tokens fail, the two that are only of a wrong age decrypt")
  func invalid() throws {
    let key = try #require(FernetKey(base64: Self.secret))
    for vector in Self.invalid {
      let token = Array(vector.token.utf8)
      if let error = vector.error {
        #expect(throws: error, "\(vector.name)") { try Fernet.decrypt(token, key: key) }
      } else {
        #expect(try Fernet.decrypt(token, key: key) == [], "\(vector.name)")
      }
    }
    #expect(Self.invalid.filter { $0.error != nil }.count == 6)
  }

  @Test("a token that changes between its two readings ends with an error")
  func changing() throws {
    let key = try #require(FernetKey(base64: Self.secret))
    for other in Self.invalid.map(\.token) + ["", String(Self.valid.dropLast(8))] {
      #expect(throws: FernetError.self, "\(other)") {
        let token = ChangingSource(first: Array(Self.valid.utf8), then: Array(other.utf8))
        _ = try bytes(of: try Fernet.open(token, key: key), chunk: 7)
      }
    }
  }
}

/// A source that gives one text until it is rewound for the second time, and then another text.
private final class ChangingSource: RewindableByteSource {
  private var readings: [MemoryByteSource]

  init(first: [UInt8], then second: [UInt8]) {
    readings = [MemoryByteSource(first), MemoryByteSource(first), MemoryByteSource(second)]
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try readings[0].read(into: buffer)
  }

  func rewind() { if readings.count > 1 { readings.removeFirst() } }
}

/// Returns all bytes of a source, read in parts.
func bytes(of source: any ByteSource, chunk: Int) throws -> [UInt8] {
  var source = source
  var output: [UInt8] = []
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 1)
  defer { buffer.deallocate() }
  while true {
    let count = try source.read(into: buffer)
    if count == 0 { return output }
    output.append(contentsOf: buffer[..<count])
  }
}
