import Digests
import Foundation
import Stores
import TestSupport
import Testing

@Suite("DocumentIdentity")
struct DocumentIdentityTests {
  @Test("identities never change: these are the ones of the first release")
  func constants() throws {
    var identity = DocumentIdentity(of: StoreName(user: "alice", collection: "notes"))
    #expect(
      "\(try identity.id(sourceID: "doc_0_1700000000", ordinal: 0))"
        == "2e0c4930-9285-5369-905b-9a2f0f25a944")
    #expect(
      "\(try identity.id(sourceID: "doc_0_1700000000", ordinal: 1))"
        == "b2a393fc-7482-5bf3-9312-1a1b74673b88")
    #expect(
      "\(try identity.id(sourceID: nil, ordinal: 0))" == "fd668550-9512-51ec-bbe1-2f45bc718e2b")
  }

  @Test("no two sets of parts share an identity, however they are cut")
  func unambiguous() throws {
    let parts = ["", "a", "b", "ab", "aa", "a\0", "\0", "caf\u{E9}", "cafe\u{301}"]
    var seen: Set<UUIDValue> = []
    var count = 0
    for user in parts {
      for collection in parts {
        var identity = DocumentIdentity(of: StoreName(user: user, collection: collection))
        for sourceID in parts.map(Optional.some) + [nil] {
          for ordinal in [0, 1, 256] {
            seen.insert(try identity.id(sourceID: sourceID, ordinal: ordinal))
            count += 1
          }
        }
      }
    }
    #expect(seen.count == count)
  }

  @Test(
    "Python's uuid.uuid5 gives the same from the encoding that is documented",
    .needsPython)
  func python() throws {
    let script = """
      import sys, uuid, struct, json, hashlib
      def text(value): return struct.pack('>Q', len(value.encode())) + value.encode()
      for user, collection, source, ordinal in json.load(sys.stdin):
          name = text(user) + text(collection)
          name += b'\\0' if source is None else b'\\1' + text(source)
          name += struct.pack('>Q', ordinal)
          # uuid5 takes text alone before Python 3.12.
          digest = hashlib.sha1(uuid.UUID(sys.argv[1]).bytes + name).digest()
          print(uuid.UUID(bytes=digest[:16], version=5))
      """
    let cases: [(String, String, String?, Int)] = [
      ("alice", "notes", "doc_0_1700000000", 0), ("alice", "notes", "doc_0_1700000000", 1),
      ("alice", "notes", nil, 0), ("ünï 😀", "a_b-c.d", "", 70_000),
    ]
    let input = try JSONSerialization.data(
      withJSONObject: cases.map { [$0.0, $0.1, $0.2 as Any? ?? NSNull(), $0.3] as [Any] })
    let expected = try Oracle.run(script, [DocumentIdentity.namespace], input: input)
      .text.split(separator: "\n")
    for (parts, answer) in zip(cases, expected) {
      var identity = DocumentIdentity(of: StoreName(user: parts.0, collection: parts.1))
      #expect("\(try identity.id(sourceID: parts.2, ordinal: parts.3))" == answer)
    }
    #expect(expected.count == cases.count)
  }
}
