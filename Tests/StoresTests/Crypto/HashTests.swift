import Digests
import Files
import Foundation
import JSON
import Stores
import TestSupport
import Testing

@Suite("Hashes and identifiers")
struct HashTests {
  @Test("SHA-256 of the standard's messages, added at once, in parts, and from a file")
  func sha256() throws {
    let messages = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]
    let folder = try TemporaryDirectory("hash")
    let hasher = try SHA256()
    for (message, digest) in messages {
      let bytes = Array(message.utf8)
      #expect(try SHA256.digest(of: bytes).description == digest)
      for byte in bytes { try hasher.update([byte]) }
      #expect(try hasher.finish().description == digest)
      let file = open(try folder.write(bytes, to: "message"), O_RDONLY)
      defer { close(file) }
      lseek(file, 1, SEEK_SET)
      #expect(try SHA256.digest(of: FileByteSource(descriptor: file)).description == digest)
      #expect(lseek(file, 0, SEEK_CUR) == 1)
      #expect(
        SHA256.Digest(hexadecimal: digest.uppercased())?.bytes
          == SHA256.Digest(hexadecimal: digest)?.bytes)
    }
    #expect(SHA256.Digest(hexadecimal: "00") == nil)
    #expect(SHA256.Digest(hexadecimal: String(repeating: "g", count: 64)) == nil)
    #expect(throws: ByteSourceError.self) { try SHA256.digest(of: FileByteSource(descriptor: -1)) }
  }

  @Test("UUIDs are parsed and written in one form")
  func uuid() throws {
    let value = try #require(UUIDValue("6BA7B810-9dad-11d1-80b4-00c04fd430c8"))
    #expect(value.description == "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    #expect(value.bytes.count == 16 && value.bytes[0] == 0x6B && value.bytes[15] == 0xC8)
    #expect(UUIDValue(bytes: value.bytes) == value)
    for bad in [
      "", "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
      "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "6ba7b810-9dad-11d1-80b4_00c04fd430c8",
    ] {
      #expect(UUIDValue(bad) == nil, "\(bad)")
    }
    #expect(UUIDValue(bytes: [1, 2]) == nil)
  }

  @Test("name-based UUIDs are the standard's")
  func version5() throws {
    let dns = try #require(UUIDValue("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
    // This example is in appendix A.4 of RFC 9562.
    let example = try UUIDValue(namespace: dns, name: Array("www.example.com".utf8))
    #expect(example.description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  @Test(
    "name-based UUIDs are Python's", .needsPython)
  func oracle() throws {
    var random = SeededGenerator(seed: 5)
    let names = (0..<500).map { _ in
      String(
        (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
          "abcÄé東🚢 /\u{301}".randomElement(using: &random)
        })
    }
    let script = """
      import json, sys, uuid
      for name in json.load(sys.stdin): print(uuid.uuid5(uuid.NAMESPACE_URL, name))
      """
    let output = try Oracle.run(script, input: try JSONEncoder().encode(names)).text
    let url = try #require(UUIDValue("6ba7b811-9dad-11d1-80b4-00c04fd430c8"))
    let found = try names.map { try UUIDValue(namespace: url, name: Array($0.utf8)).description }
    #expect(found == output.split(separator: "\n").map(String.init))
  }
}
