import Files
import Foundation
import Pickle
import SQLite
import TestSupport
import Testing

@testable import LibraryFiles

/// Tests that hostile pickles in the wrappings of the three libraries are refused and never run.
@Suite("Hostile pickles in libraries' files", .needsPython)
struct WrappedPickleTests {
  /// The classes that each reader allows, by the part of the corpus that uses them.
  private static let wrappings: [(maker: String, classes: Set<String>)] = [
    (
      "chroma_segment",
      ["chromadb.segment.impl.vector.local_persistent_hnsw.PersistentData"]
    ),
    (
      "langchain_docstore",
      [
        "langchain.docstore.in_memory.InMemoryDocstore",
        "langchain_community.docstore.in_memory.InMemoryDocstore", "langchain.schema.Document",
        "langchain_core.documents.base.Document",
      ]
    ),
    ("qdrant_point", ["qdrant_client.http.models.models.PointStruct"]),
  ]

  @Test("every hostile pickle is refused by each of the three readers, and none is run")
  func refused() throws {
    let python = try #require(Oracle.python)
    let work = try TemporaryDirectory("wrapped")
    let count = Oracle.isFullRun ? 10_000 : 300
    let outcome = try TestSupport.run(
      python,
      [
        "\(Oracle.repository)/Scripts/make-malicious-pickles.py", "23", "\(count)",
        work.file("corpus"), work.file("canary"),
      ])
    try #require(outcome.status == 0, "\(outcome.errorText)")
    let faiss = try LibraryCase("faiss-0.4.2")
    let qdrant = try LibraryCase("qdrant-1.20.0")
    let chroma = try LibraryCase("chroma-0.6.3")
    let segment = try chroma.segment(of: "saved-ip")
    let points = try QdrantTests.folder(qdrant, "one-named")
    let database = try Database(path: "\(points.path)/storage.sqlite", mode: .readWrite)
    for name in try FileManager.default.contentsOfDirectory(atPath: work.file("corpus")).sorted() {
      let bytes = [UInt8](
        try Data(contentsOf: URL(fileURLWithPath: work.file("corpus/\(name)"))))
      if let classes = Self.wrappings.first(where: { name.contains($0.maker) })?.classes {
        // The place of the call is where metadata may be, so only its name can be the cause.
        #expect(throws: FileError.self, "seed 23, \(name)") {
          try PickledObjects(path: name).value(PickleBytes(bytes), classes: classes)
        }
      }
      try faiss.write(bytes, to: "named/other name.pkl")
      let first = faiss.refusal {
        try FaissTests.rows(Directory(path: "\(faiss.path)/named"), "other name")
      }
      #expect(first != nil, "seed 23, \(name), as FAISS")
      try database.run("UPDATE points SET point = ?1 WHERE rowid = 1", [.blob(bytes)])
      #expect(
        qdrant.refusal {
          let rows = try QdrantRows(in: points)
          _ = try rows.document(at: 0)
          return rows
        } != nil, "seed 23, \(name), as Qdrant")
      try chroma.write(bytes, to: "\(segment)/index_metadata.pickle")
      #expect(
        chroma.refusal {
          guard let saved = try SavedVectors(in: chroma.folder(), segment: segment) else {
            return nil
          }
          try saved.forEachDocument { _, _ in }
          return nil
        } != nil, "seed 23, \(name), as Chroma")
    }
    #expect(!FileManager.default.fileExists(atPath: work.file("canary")))
  }
}
