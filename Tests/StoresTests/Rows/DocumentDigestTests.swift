import Digests
import Foundation
import JSON
import Stores
import TestSupport
import Testing

@Suite("DocumentDigest")
struct DocumentDigestTests {
  private func document(
    id: UInt8 = 1, text: String = "text", metadata: String = #"{"a":1}"#, createdAt: Int64? = 5
  ) throws -> Document {
    let id = try #require(UUIDValue(bytes: [UInt8](repeating: id, count: 16)))
    return Document(
      position: 0, id: id, sourceID: nil, hasOwnID: false, text: text,
      metadata: Array(metadata.utf8), createdAt: createdAt)
  }

  private func digest(_ document: Document, _ vector: [Float]) throws -> DocumentDigest {
    let digester = try DocumentDigester()
    let metadata = try CanonicalJSON().digest(of: document.metadata).bytes
    return try vector.withUnsafeBufferPointer {
      try digester.digest(of: document, canonicalMetadata: metadata, vector: $0)
    }
  }

  @Test("every part counts, to the last bit")
  func parts() throws {
    let documents = [
      try document(), try document(id: 2), try document(text: "text "), try document(text: ""),
      try document(text: "caf\u{E9}"), try document(text: "cafe\u{301}"),
      try document(metadata: #"{"a":2}"#), try document(metadata: #"{"a":1,"b":null}"#),
      try document(metadata: "{}"), try document(createdAt: 6), try document(createdAt: nil),
      try document(createdAt: 0),
    ]
    let vectors: [[Float]] = [[1, 2], [1, 2.0000002], [2, 1], [1], [0], [-0.0], [], [1, 2, 0]]
    var seen: Set<DocumentDigest> = []
    for document in documents {
      for vector in vectors { seen.insert(try digest(document, vector)) }
    }
    #expect(seen.count == documents.count * vectors.count)
  }

  @Test("a row read back has the digest of the row sent, however jsonb writes the metadata")
  func readBack() throws {
    let sent = try document(metadata: #"{"b":1.0,"a":"\u00e9","c":[1e2,-0]}"#)
    let vector: [Float] = [1, -0.0, .leastNonzeroMagnitude]
    let digester = try DocumentDigester()
    let bytes = vector.flatMap { withUnsafeBytes(of: $0.bitPattern.bigEndian, Array.init) }
    let metadata = try CanonicalJSON().digest(
      of: Array(#"{"a": "é", "b": 1.0, "c": [100, 0]}"#.utf8))
    let back = try Array(sent.text.utf8).withUnsafeBytes { text in
      try metadata.bytes.withUnsafeBytes { metadata in
        try bytes.withUnsafeBytes {
          try digester.digest(
            id: sent.id, text: text, canonicalMetadata: metadata, createdAt: sent.createdAt,
            bigEndianVector: $0)
        }
      }
    }
    #expect(back == (try digest(sent, vector)))
    #expect(DocumentDigest(bytes: back.bytes) == back)
    #expect("\(back)".count == 32)
  }

  @Test("the definition, written out with the module's own SHA-256")
  func definition() throws {
    let document = try document()
    var encoding: [UInt8] = document.id.bytes + [0, 0, 0, 0, 0, 0, 0, 4] + Array("text".utf8)
    encoding += [0, 0, 0, 0, 0, 0, 0, 32]
    encoding += try CanonicalJSON().digest(of: document.metadata).bytes
    encoding += [1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0x3F, 0x80, 0, 0]
    let expected = try SHA256.digest(of: encoding).bytes.prefix(16)
    #expect(try digest(document, [1]).bytes == Array(expected))
  }
}
