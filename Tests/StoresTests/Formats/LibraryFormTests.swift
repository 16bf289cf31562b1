import Files
import Stores
import TestSupport
import Testing

@Suite("Forms of other libraries' stores that versions in the tests do not write")
struct LibraryFormTests {
  /// A store's files, and its only document: id, text, metadata and vector.
  struct Form: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let files: [String: String]
    let collection: String
    let document: String
    var vector: [Float] = [1, 2]
  }

  private static let vectors = #"{"embedding_dict": {"a": [1, 2]}, "text_id_to_ref_doc_id": {}}"#

  static let all = [
    Form(
      testDescription: "LlamaIndex 0.6: one file of vectors, and metadata in extra_info",
      files: [
        "f/vector_store.json": vectors,
        "f/docstore.json":
          #"{"docstore/data": {"a": {"__type__": "1", "__data__": {"text": "t", "extra_info": {"k": 1}}}}}"#,
      ], collection: "f", document: #"a|t|{"k": 1}"#),
    Form(
      testDescription: "LlamaIndex 0.6: no metadata at all",
      files: [
        "f/vector_store.json": vectors,
        "f/docstore.json":
          #"{"docstore/data": {"a": {"__data__": {"text": "t", "extra_info": null}}}}"#,
      ], collection: "f", document: "a|t|{}"),
    Form(
      testDescription: "LlamaIndex's nodes of type 5, whose text is in a resource",
      files: [
        "f/x__vector_store.json": vectors,
        "f/docstore.json":
          #"{"docstore/data": {"a": {"__type__": "5", "__data__": {"metadata": {}, "#
          + #""text_resource": {"text": "té"}}}}}"#,
      ], collection: "f/x", document: "a|té|{}"),
    Form(
      testDescription: "LightRAG 1.1: the texts of chunks are in another file",
      files: [
        "rag/vdb_chunks.json":
          #"{"embedding_dim": 2, "data": [{"__id__": "c"}], "matrix": "AACAPwAAAEA="}"#,
        "rag/kv_store_text_chunks.json":
          #"{"other": {"content": "x"}, "c": {"tokens": 3, "content": "t", "full_doc_id": "d"}}"#,
      ], collection: "rag/chunks", document: #"c|t|{"tokens":3,"full_doc_id":"d"}"#),
    Form(
      testDescription: "LightRAG 1.5: vectors in half precision are neither read nor metadata",
      files: [
        "rag/vdb_chunks.json":
          #"{"embedding_dim": 2, "data": [{"__id__": "c", "content": "t", "vector": "eJwz"}], "#
          + #""matrix": "AACAPwAAAEA="}"#
      ], collection: "rag/chunks", document: "c|t|{}"),
    Form(
      testDescription: "Haystack: members that are null are left out, and others are kept",
      files: [
        "h.json":
          #"{"type": "a.b.InMemoryDocumentStore", "documents": [{"id": "a", "content": "t", "#
          + #""blob": null, "score": 0.5, "meta": {"k": [1]}, "embedding": [1, 2]}]}"#
      ], collection: "h", document: #"a|t|{"k":[1],"score":0.5}"#),
    Form(
      testDescription: "a member of one name in the metadata and beside them is kept twice",
      files: [
        "l.jsonl": #"{"id": "a", "text": "t", "vector": [1, 2], "metadata": {"k": 1}, "k": 2}"#
      ], collection: "l", document: #"a|t|{"metadata":{"k": 1},"k":2}"#),
    Form(
      testDescription: "JSON lines: a number as id, and metadata that are not an object",
      files: ["l.ndjson": #"{"_id": 12, "content": "t", "metadata": "m", "embedding": [1, 2]}"#],
      collection: "l", document: #"12|t|{"metadata":"m"}"#),
    Form(
      testDescription: "numbers between line ends, as an indented file has them",
      files: [
        "s.json":
          "{\n \"a\": {\n  \"id\": \"a\",\n  \"vector\": [\n   1,\n   2e0\n  ],\n  \"text\": \"t\",\n"
          + "  \"metadata\": {}\n }\n}\n"
      ], collection: "s", document: "a|t|{}"),
  ]

  @Test("the document is read as the library means it", arguments: all)
  func read(form: Form) throws {
    let directory = try TemporaryDirectory("form")
    for (name, text) in form.files { try directory.write(text, to: "user_data/ann/\(name)") }
    let stores = try StoreScanner(root: directory.file("user_data")).stores()
    let store = try #require(stores.first)
    #expect(stores.count == 1 && store.name.collection == form.collection)
    #expect(
      Set(store.files.map(\.name))
        == Set(form.files.keys.map { String($0.split(separator: "/").last ?? "") }))
    let reader = try StoreReader(
      directory: store.path, store: store, keys: KeyRing(environment: [:]))
    let all = try reader.all()
    #expect(all.map(\.vector) == [form.vector])
    let words = all.map { document, _ in
      "\(document.sourceID ?? "nil")|\(document.text)|"
        + String(decoding: document.metadata, as: UTF8.self)
    }
    #expect(words == [form.document])
    try reader.compareVectorsAlone()
  }

  @Test("an empty store has no document and no dimension")
  func empty() throws {
    let directory = try TemporaryDirectory("empty")
    try directory.write(
      #"{"embedding_dim": 2, "data": [], "matrix": ""}"#, to: "user_data/ann/n.json")
    try directory.write("", to: "user_data/ann/l.jsonl")
    for store in try StoreScanner(root: directory.file("user_data")).stores() {
      let reader = try StoreReader(
        directory: store.path, store: store, keys: KeyRing(environment: [:]))
      #expect(try reader.all().isEmpty && reader.dimensions == 0)
    }
  }

  @Test("files of other programs in a user's folder are no stores")
  func others() throws {
    let directory = try TemporaryDirectory("others")
    for (name, text) in [
      ("a.json", "{}"), ("b.json", "[1]"), ("c.json", #"{"name": "x", "id": 1}"#), ("d.txt", "x"),
      (".hidden.json", #"{"a": {"id": "a", "vector": [1], "text": "t", "metadata": {}}}"#),
      ("f/package.json", "{}"), ("g.json", ""),
      ("image/image__vector_store.json", #"{"embedding_dict": {}}"#),
    ] {
      try directory.write(text, to: "user_data/ann/\(name)")
    }
    #expect(try StoreScanner(root: directory.file("user_data")).stores().isEmpty)
  }
}
