import Files
import Stores
import TestSupport
import Testing

@Suite("Stores of other libraries that are refused")
struct LibraryRefusalTests {
  /// A file or folder, and what its refusal says.
  struct Case: CustomTestStringConvertible, Sendable {
    let files: [String: String]
    let message: String
    var options = ReadOptions()
    var testDescription: String { message }

    init(_ files: [String: String], _ message: String, options: ReadOptions = ReadOptions()) {
      self.files = files
      self.message = message
      self.options = options
    }
  }

  private static func langChain(_ vector: String, metadata: String = "{}", text: String = "t")
    -> [String: String]
  {
    [
      "s.json":
        #"{"a": {"id": "a", "vector": [1, 2], "text": "t", "metadata": {}}, "#
        + #""b": {"id": "b", "vector": \#(vector), "text": "\#(text)", "metadata": \#(metadata)}}"#
    ]
  }

  private static func llamaIndex(
    _ vectors: String, docstore: String? = #"{"docstore/data": {"a": {"__data__": {"text": "t"}}}}"#
  ) -> [String: String] {
    var files = ["f/default__vector_store.json": vectors]
    if let docstore { files["f/docstore.json"] = docstore }
    return files
  }

  static let numbers: [Case] = [
    Case(langChain("[1, NaN]"), "row 1, position 1: NaN is not a finite Float32"),
    Case(langChain("[-Infinity, 1]"), "row 1, position 0: -Infinity is not a finite Float32"),
    Case(langChain("[1, 1e39]"), "row 1, position 1: 1e39 is not a finite Float32"),
    Case(langChain("[1, 2, 3]"), "row 1: has 3 dimensions, row 0 has 2"),
    Case(langChain("[]"), "row 1: the vector has no numbers"),
    Case(langChain("[1, 2-]"), "row 1, position 1: not a JSON number"),
    Case(langChain("[1, [2]]"), "the vector is an array of other things, not an array of numbers"),
    Case(langChain(#""abc""#), "the vector is a string, not an array of numbers"),
    Case(langChain("null"), "id b: has no vector"),
  ]

  static let contents: [Case] = [
    Case(
      langChain("[1, 2]", metadata: #"{"d": {"lc": 1, "type": "not_implemented", "id": []}}"#),
      "entry 1: the metadata hold a Python object that LangChain could not write as JSON"),
    Case(langChain("[1, 2]", metadata: #"{"x": NaN}"#), "NaN is not JSON"),
    Case(langChain("[1, 2]", metadata: #"{"x": "\u0000"}"#), "U+0000 in a string"),
    Case(langChain("[1, 2]", text: ""), "entry 1: 1 document has no text"),
    Case(
      ["s.json": #"{"a": {"id": "a", "vector": [1], "text": "t"}}"#],
      "entry 0, line 1, column 7 (byte 6): lacks the member metadata"),
    Case(
      ["s.json": #"{"a": {"id": "b", "vector": [1], "text": "t", "metadata": {}}}"#],
      "entry 0: its key and its id are different"),
    Case(
      [
        "s.json": #"{"a": {"id": "a", "vector": [1], "text": "t", "metadata": {}}, "#
          + #""a": {"id": "a", "vector": [1], "text": "t", "metadata": {}}}"#
      ], "entry 1: has the id of an earlier document"),
    Case(
      [
        "h.json": #"{"type": "x.InMemoryDocumentStore", "documents": "#
          + #"[{"id": "a", "content": "t", "meta": {}, "embedding": null}]}"#
      ], "id a: has no vector"),
    Case(
      ["h.json": #"{"type": "x.InMemoryDocumentStore"}"#], "the object lacks the key documents"),
    Case(
      ["k.json": #"{"ids": ["a"], "texts": ["t"], "metadatas": [{}], "embeddings": []}"#],
      "0 embeddings but 1 ids"),
    Case(
      ["n.json": #"{"embedding_dim": 2, "data": [{"__id__": "a", "content": "t"}], "matrix": ""}"#],
      "the matrix has 0 digits, which is not the length of 1 vectors of 2 dimensions"),
    Case(
      [
        "n.json":
          #"{"embedding_dim": 1, "data": [{"__id__": "a", "content": "t"}], "matrix": "AADAfw=="}"#
      ], "row 0, position 0: nan is not a finite Float32; this library makes NaN of a vector"),
    Case(
      [
        "n.json":
          #"{"embedding_dim": 1, "data": [{"__id__": "a", "content": "t"}], "matrix": "AA*AAA=="}"#
      ], "row 0: the matrix is not base64"),
    Case(
      ["n.json": #"{"embedding_dim": 1e9, "data": [], "matrix": ""}"#], "embedding_dim is 1e9"),
    Case(
      ["rows.jsonl": #"{"text": "t", "vector": [1]} x"#], "an object expected, found 'x'"),
    Case(["rows.jsonl": "[1]"], "the entry is an array, not an object"),
    Case(["rows.jsonl": #"{"text": "t"}"#], "id entry 0: has no vector"),
  ]

  static let tables: [Case] = [
    Case(["t.csv": "id,vector\na,[1 2]"], "record 0: the vector is an array as NumPy prints it"),
    Case(["t.csv": "id,vector\na,\"[1,2]\"\nb"], "record 1: has 1 fields, and the header has 2"),
    Case(["t.csv": "id,vector\na,\"[1,2]"], "record 0: the file ends within a field in quotes"),
    Case(["t.csv": "id,vector\na,x\"[1]\""], "record 0: a quote stands within a field"),
    Case(["t.csv": "id,vector\na,\"[1]\"x"], "record 0: something follows a field in quotes"),
    Case(["t.csv": "id,vector\na,"], "record 0: has no vector"),
    Case(["t.csv": "id,vector\na,AACAPw=="], "record 0: the vector is not an array in brackets"),
    Case(["t.csv": "text,vector\nt,[nan]"], "row 0, position 0: not a JSON number"),
    Case(["t.csv": "text,vector\nt,[NaN]"], "row 0, position 0: NaN is not a finite Float32"),
    Case(["t.csv": "id,vector\na,[1]"], "entry 0: 1 document has no text"),
    Case(["t.csv": "text,vector\nt,[]"], "row 0: the vector has no numbers"),
  ]

  static let folders: [Case] = [
    Case(
      llamaIndex(#"{"embedding_dict": {"a": [1], "b": [2]}}"#),
      "f/docstore.json: id b: has a vector, and no node in this file"),
    Case(llamaIndex(#"{"embedding_dict": {"a": [1]}}"#, docstore: nil), "docstore.json is missing"),
    Case(
      llamaIndex(#"{"embedding_dict": {"a": [1]}}"#, docstore: #"{"docstore/data": {"a": {}}}"#),
      "the node has no object __data__"),
    Case(
      llamaIndex(
        #"{"embedding_dict": {"a": [1]}}"#,
        docstore: #"{"docstore/data": {"a": {"__data__": {}}, "a": {"__data__": {}}}}"#),
      "the key here occurs twice"),
    Case(llamaIndex("IxF2binary"), "is a FAISS index that LlamaIndex has written"),
    Case(
      ["old.json": #"{"index_struct": {}, "docstore": {}}"#],
      "is an index of LlamaIndex 0.5 or older"),
    Case(["t.parquet": "PAR1xxxx"], "is a Parquet file, which this program does not read; export"),
    Case(["t.bin": "PAR1xxxx"], "is a Parquet file"),
    Case(["t.arrow": "ARROW1"], "is a file of Arrow or Feather"),
    Case(["t.feather": "ARROW1"], "is a file of Arrow or Feather"),
    Case(["t.bson": "x"], "is a file of BSON, which this program does not read; persist the store"),
    Case(["t.lance/data": "x"], "is a table of LanceDB"),
    Case(
      [
        "rag/vdb_entities.json":
          #"{"embedding_dim": 1, "data": [{"__id__": "a"}], "matrix": "AAAAAA=="}"#
      ],
      "1 document has no text"),
  ]

  @Test(
    "the refusal names the place, the cause and the way out",
    arguments: numbers + contents + tables + folders)
  func refused(item: Case) throws {
    let directory = try TemporaryDirectory("refused")
    for (name, text) in item.files { try directory.write(text, to: "user_data/ann/\(name)") }
    let store = try #require(
      try StoreScanner(root: directory.file("user_data")).stores().first, "no store was found")
    let refusal = #expect(throws: StoreError.self) {
      if let refusal = store.refusal { throw refusal }
      try StoreReader(
        directory: store.path, store: store, keys: KeyRing(environment: [:]), options: item.options
      ).check()
    }
    let message = refusal?.description ?? ""
    #expect(message.contains(item.message), "\(message)")
  }

  @Test("a document that the operator allows to have no text keeps its vector")
  func allowed() throws {
    let directory = try TemporaryDirectory("allowed")
    for (name, text) in Self.langChain("[3, 4]", text: "") {
      try directory.write(text, to: "user_data/ann/\(name)")
    }
    let store = try #require(try StoreScanner(root: directory.file("user_data")).stores().first)
    let reader = try StoreReader(
      directory: store.path, store: store, keys: KeyRing(environment: [:]),
      options: ReadOptions(allowMismatch: true))
    #expect(try reader.all().map(\.vector) == [[1, 2], [3, 4]])
    #expect(reader.findings.map(\.kind) == [.withoutText])
  }

  @Test("unstorable characters are escaped with their vectors in place, where this is allowed")
  func escaped() throws {
    let directory = try TemporaryDirectory("escaped")
    try directory.write(
      #"{"a\u0000": {"id": "a\u0000", "vector": [1, 2], "text": "t\u0000", "metadata": {"\ud800": 1}}}"#,
      to: "user_data/ann/s.json")
    let store = try #require(try StoreScanner(root: directory.file("user_data")).stores().first)
    let reader = try StoreReader(
      directory: store.path, store: store, keys: KeyRing(environment: [:]),
      options: ReadOptions(escapeNUL: true))
    let all = try reader.all()
    #expect(all.map(\.vector) == [[1, 2]] && all.map(\.document.text) == [#"t\u0000"#])
    #expect(String(decoding: all[0].document.metadata, as: UTF8.self) == #"{"\\ud800": 1}"#)
  }
}
