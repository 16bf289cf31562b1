import Foundation
import Postgres
import TestSupport
import Testing

/// Runs the code of docs/CLIENTS.md, as the page shows it, on the sample stores.
@Suite(.needsServer, .needsPython, .needs(.clients))
struct ClientTests {
  /// The part of the page for one client, with the code by which a test calls it.
  struct Client: CustomTestStringConvertible, Sendable {
    let heading: String
    /// The scheme of the `url` in the page's code.
    let scheme: String
    /// Python code that defines `find(text, vector)`, which returns the texts of the four nearest
    /// documents, and `insert(text, vector)`.
    let calls: String

    var testDescription: String { heading }
  }

  private static let clients = [
    Client(
      heading: "psycopg 3", scheme: "postgresql",
      calls: """
        connection = psycopg.connect(url, autocommit=True)
        def find(text, vector):
            return [row[1] for row in search(connection, user, collection, vector, 4)]
        def insert(text, vector):
            return add(connection, user, collection, text, vector, metadata)
        """),
    Client(
      heading: "pgvector-python", scheme: "postgresql",
      calls: """
        connection = connect(url)
        connection.autocommit = True
        def find(text, vector):
            return [row[1] for row in search(connection, user, collection, vector, 4)]
        def insert(text, vector):
            return add(connection, user, collection, text, vector, metadata)
        """),
    Client(
      heading: "SQLAlchemy", scheme: "postgresql+psycopg",
      calls: """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session
        session = Session(create_engine(url, isolation_level="AUTOCOMMIT"))
        def find(text, vector):
            return [row.text for row in search(session, user, collection, vector, 4)]
        def insert(text, vector):
            return add(session, user, collection, text, vector, metadata)
        """),
    Client(
      heading: "LangChain", scheme: "postgresql+psycopg",
      calls: """
        class Known(Embeddings):
            def embed_query(self, query): return known[query]
            def embed_documents(self, texts): return [known[text] for text in texts]
        store = open_store(Known(), user, collection)
        retriever = store.as_retriever(search_kwargs={"filter": store.embeddings.owner})
        def find(text, vector):
            found = [document.page_content for document in search(store, text, 4)]
            assert [document.page_content for document in retriever.invoke(text)] == found
            return found
        def insert(text, vector):
            return add(store, text, metadata)
        """),
    Client(
      heading: "LlamaIndex", scheme: "postgresql+psycopg",
      calls: """
        import sqlalchemy.exc
        from llama_index.core.schema import TextNode
        class Known(BaseEmbedding):
            def _get_query_embedding(self, query): return known[query]
            async def _aget_query_embedding(self, query): return known[query]
            def _get_text_embedding(self, content): return known[content]
        index = open_index(Known(), user, collection)
        def find(text, vector):
            found = [node.text for node in search(index, text, 4)]
            later = asyncio.run(index.as_retriever(similarity_top_k=4).aretrieve(text))
            assert [node.text for node in later] == found
            return found
        def insert(text, vector):
            return add(Known(), user, collection, text, metadata)
        node = TextNode(text=texts[0])
        for write in (lambda: index.insert_nodes([node]), index.vector_store.clear):
            try:
                write()
            except sqlalchemy.exc.DBAPIError:
                continue
            raise AssertionError("the view was written to")
        """),
  ]

  private static let stores = [
    ("willow", "personal_assistant"), ("sorrel", "carnet_de_voyage_日本_été"),
  ]

  /// Returns a sample store as JSON.
  ///
  /// `texts` and `vectors` are those of the store's files. For each vector, `nearest` has the texts
  /// of the four nearest documents by NumPy, and `cut` the same for vectors that are cut. `added`
  /// has vectors of documents to add.
  private static func sample(_ user: String, _ collection: String) throws -> Data {
    try Oracle.run(
      """
      import json, pickle, sys, numpy
      folder = sys.argv[1]
      with open(f"{folder}/vectors.pkl", "rb") as file:
          vectors = numpy.array(pickle.load(file))
      with open(f"{folder}/metadata.json", encoding="utf-8") as file:
          texts = [entry.get("text") or entry["page_content"] for entry in json.load(file)]

      def nearest(rows):
          rows = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
          order = numpy.argsort(-(rows @ rows.T), axis=1, kind="stable")[:, :4]
          return [[texts[place] for place in places] for places in order]

      random = numpy.random.default_rng(2023)
      added = vectors.mean(axis=0) + 0.02 * random.standard_normal((3, vectors.shape[1]))
      json.dump({
          "texts": texts, "vectors": vectors.tolist(), "nearest": nearest(vectors),
          "cut": nearest(vectors[:, :2000]),
          "added": {f"added {number}": vector.tolist() for number, vector in enumerate(added)},
      }, sys.stdout)
      """,
      ["\(Oracle.repository)/user_data_samples/\(user)/vector_store_\(collection)"]
    ).output
  }

  /// The samples of all `stores`, made once.
  private static let samples = Result { try stores.map(sample) }

  private let page: DocumentationPage

  init() throws { page = try DocumentationPage("CLIENTS.md") }

  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    for (user, _) in Self.stores { try ferry.addSamples(user) }
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return ferry
  }

  /// Runs a client's part of the page and then `checks` on each sample store; returns the printed
  /// lines.
  private func run(_ client: Client, _ checks: String, on ferry: Ferry) throws -> [String] {
    let block = try #require(try page.blocks("python", under: client.heading).first)
    let address = try TestServer.address
    let url =
      "//\(address.user)@/\(ferry.database.name)?host=\(address.socketDirectory)"
      + "&port=\(address.port)"
    let script =
      """
      import json, sys
      url, plain_url, user, collection = sys.argv[1:]
      given = json.load(sys.stdin)
      texts, vectors, nearest, added = (
          given[name] for name in ("texts", "vectors", "nearest", "added"))
      known, metadata = {**dict(zip(texts, vectors)), **added}, {"kind": "added"}
      assert len(known) == len(texts) + 3

      """ + block + "\n\n" + client.calls + "\n" + checks
    return try zip(Self.stores, Self.samples.get()).map { store, sample in
      let (user, collection) = store
      return try PythonEnvironment.clients.run(
        script, ["\(client.scheme):\(url)", "postgresql:\(url)", user, collection],
        input: sample
      ).text
    }
  }

  @Test(arguments: clients)
  func `a client finds by full vectors what NumPy finds, and adds documents`(
    client: Client
  ) throws {
    let ferry = try migrated()
    for statement in try page.blocks("sql", under: client.heading) {
      try ferry.database.connect().execute(script: SQL(script: statement))
    }
    let answers = try run(
      client,
      """
      for text, expected in zip(texts, nearest):
          found = find(text, known[text])
          assert found == expected, (text, found, expected)
      ids = {text: str(insert(text, vector)) for text, vector in added.items()}
      import psycopg
      with psycopg.connect(plain_url) as other:
          for text, vector in added.items():
              assert find(text, vector)[0] == text
              row = other.execute(
                  "SELECT id::text, text, metadata, similarity FROM"
                  " vector_ferry.similarity_search(%s, %s, %s::vector, 1)",
                  (user, collection, str(vector))).fetchone()
              assert row[:3] == (ids[text], text, metadata), row
              assert abs(row[3] - 1) < 1e-5, row
      print("done")
      """, on: ferry)
    #expect(answers == ["done\n", "done\n"])
  }

  @Test func `a reader that cuts its vectors finds at least what cutting both sides would`() throws
  {
    let client = Client(
      heading: "Queries that are cut", scheme: "postgresql",
      calls: """
        import psycopg
        connection = psycopg.connect(url, autocommit=True)
        def find(text, vector):
            return [row[1] for row in search(connection, user, collection, vector, 4)]
        def insert(text, vector):
            return add(connection, user, collection, text, vector)
        """)
    let answers = try run(
      client,
      """
      def recall(answers):
          shares = [len(set(a) & set(b)) / 4 for a, b in zip(answers, nearest)]
          return sum(shares) / len(shares)
      found = [find(text, known[text]) for text in texts]
      assert [answer[0] for answer in found] == texts
      for text, vector in added.items():
          insert(text, vector)
      for text, vector in added.items():
          assert find(text, vector)[0] == text
      print(recall(found), recall(given["cut"]))
      """, on: try migrated())
    for answer in answers {
      let recalls = answer.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      try #require(recalls.count == 2, "\(answer)")
      #expect(recalls[0] >= recalls[1] - 0.03, "\(answer)")
      // A cut query finds less than a full query, as the page says.
      #expect(recalls[0] > 0.9 && recalls[0] < 1, "\(answer)")
    }
  }
}
