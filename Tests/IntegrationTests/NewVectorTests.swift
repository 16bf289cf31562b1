import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `migrate --reembed`, which takes the texts from the files and the vectors from a service.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct NewVectorTests {
  private let service: EmbeddingService
  private let ferry: Ferry

  init() throws {
    service = try EmbeddingService()
    ferry = try Ferry()
  }

  private func migrate(_ words: String..., environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try ferry.run(
      command: ["migrate", "--reembed", "--yes"] + words,
      environment: service.asOpenAI().merging(environment) { $1 })
  }

  private func write(_ texts: [String], to collection: String = "notes") throws {
    try ferry.writeStore(
      collection: collection, rows: Ferry.rows(texts.count, seed: 3), texts: texts)
  }

  /// Returns texts with different words, so that no two vectors are equal.
  private static func texts(_ count: Int, _ word: String = "text") -> [String] {
    (0..<count).map { "\(word) number \($0) about subject \($0 * 7919)" }
  }

  /// The texts that the service has embedded, without the first one, which shows the number of
  /// dimensions.
  private var asked: [String] {
    get throws { try service.questions.flatMap(\.texts).filter { $0 != "ferry" } }
  }

  /// Compares each row's vector with the vector that the service makes of the row's text.
  private func expectPaired(_ count: Int) throws {
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == count)
    try ferry.expectPaired()
  }

  @Test
  func `only what is new is asked for: a changed text, a new store`() throws {
    try write(Self.texts(30))
    #expect(try migrate().status == 0)
    #expect(try asked.count == 30)
    var texts = Self.texts(30)
    texts[7] = "a text that was changed"
    try write(texts)
    let dry = try migrate("--dry-run")
    #expect(
      dry.status == 0 && dry.text.contains("1 would be sent in about 1 request"), "\(dry.text)")
    let wider = try migrate("--dry-run", "--embedding-dimensions", "40")
    #expect(wider.text.contains("30 would be sent"), "\(wider.text)")
    try write(["a text that was changed", "a new one"], to: "more")
    let outcome = try migrate()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try asked.dropFirst(30).sorted() == ["a new one", "a text that was changed"])
    try expectPaired(32)
  }

  @Test
  func `a run without --reembed never mixes models: it leaves, refuses or replaces all`() throws {
    try write(Self.texts(12))
    #expect(try migrate().status == 0)
    let digest = try ferry.contentDigest()
    let plain = try ferry.run("migrate", "--yes")
    #expect(plain.status == 0 && plain.text.contains("Unchanged: 1"), "\(plain.text)")
    #expect(try ferry.contentDigest() == digest)
    try ferry.writeStore(rows: Ferry.rows(13, dimensions: 32), texts: Self.texts(13))
    for words in [["migrate", "--yes"], ["migrate", "--dry-run"]] {
      let refused = try ferry.run(command: words)
      #expect(refused.status == 1, "\(refused.text)")
      #expect(refused.text.contains("were made by the model test-words of OpenAI"))
      #expect(
        refused.text.contains(
          "migrate --reembed --provider openai --model test-words --base-url \(service.url())/v1"),
        "\(refused.text)")
    }
    #expect(try ferry.contentDigest() == digest)
    let forced = try ferry.run("migrate", "--yes", "--force")
    #expect(forced.status == 0, "\(forced.text)\(forced.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 13])
    #expect(try ferry.run("verify").status == 0)
    let settings: String? = try ferry.scalar("SELECT settings FROM vector_ferry.stores")
    #expect(settings?.contains("embedding=") == false)
  }

  @Test
  func `another model replaces the vectors, and rollback --restore puts the earlier ones back`()
    throws
  {
    try write(Self.texts(15))
    #expect(try migrate().status == 0)
    let first = try ferry.contentDigest()
    let settings: String? = try ferry.scalar("SELECT settings FROM vector_ferry.stores")
    #expect(settings?.contains("embedding=openai,test-words,,http://127.0.0.1") == true)
    try service.answerUsually(#"{"wrong": "model"}"#)
    let other = try migrate("--model", "other-words")
    #expect(other.status == 0, "\(other.text)\(other.errorText)")
    #expect(try asked.count == 30)
    #expect(try ferry.contentDigest() != first)
    #expect(try ferry.run("verify").status == 0)
    let back = try ferry.run("rollback", "--restore", "--yes")
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try asked.count == 30)
    try expectPaired(15)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test
  func `a dry run and verify leave nothing beside the cache, and read what a writer adds`() throws {
    try write(Self.texts(20))
    #expect(try migrate().status == 0)
    let directory = ferry.folder.file("migration_backup")
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: directory)
        .filter { $0.hasPrefix("embeddings") }
    }
    #expect(try files() == ["embeddings.sqlite"])
    for words in [["migrate", "--reembed", "--dry-run"], ["verify"]] {
      let outcome = try ferry.run(command: words, environment: service.asOpenAI())
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      #expect(try files() == ["embeddings.sqlite"], "\(words)")
    }
  }

  @Test
  func `vectors that cannot be used fail their store by what the service answered`() throws {
    try write(Self.texts(10))
    try service.plan(#"[{}, {"wrong": "zero"}]"#)
    let outcome = try migrate()
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(
      outcome.text.contains("the service answered a vector that contains only zeros"),
      "\(outcome.text)")
    #expect(outcome.text.contains("the model fails on such texts"), "\(outcome.text)")
  }

  @Test
  func `a vector of another dimension ends the run, and nothing of its answer is in the cache`()
    throws
  {
    try write(Self.texts(300))
    try service.answerUsually(#"{"dimensions": 64}"#)
    try service.plan(#"[{"dimensions": 96}]"#)
    let outcome = try migrate("--concurrency", "1")
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(
      outcome.text.contains("answered vectors of 96 dimensions, then of 64"), "\(outcome.text)")
    #expect(try asked.count == 128)
    try service.answerUsually(#"{"dimensions": 96}"#)
    try service.plan(#"[{"dimensions": 96, "wrong": "dimensions"}]"#)
    let mixed = try migrate("--concurrency", "1")
    #expect(mixed.status == 1, "\(mixed.text)")
    #expect(
      mixed.text.contains("vectors of 96 and of 95 dimensions at once; 96 were expected"),
      "\(mixed.text)")
    let again = try migrate()
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == 300)
    // Neither of the two answers with a wrong dimension was kept.
    #expect(try asked.count == 128 + 128 + 300)
  }

  @Test
  func `a vector of a length that pgvector cannot compare is named, and asked for again`() throws {
    try write(Self.texts(10))
    try service.plan(#"[{}, {"wrong": "long"}]"#)
    let outcome = try migrate()
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(
      outcome.text.contains(
        "document 9 (id doc_9_1700000000): the service answered a vector of length 1e+30"),
      "\(outcome.text)")
    let again = try migrate()
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try asked.count == 11)
    try expectPaired(10)
  }

  @Test
  func `the first word counts for --max-cost, and for the requests of the report`() throws {
    try write(Self.texts(3))
    try service.plan(#"[{"tokens": 10000}]"#)
    let outcome = try migrate("--max-cost", "1", "--price", "90")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("in 2 requests: 10,0"), "\(outcome.text)")
    try write(Self.texts(3, "other"))
    try FileManager.default.removeItem(
      atPath: ferry.folder.file("migration_backup/embeddings.sqlite"))
    try service.plan(#"[{"tokens": 11000}]"#)
    let over = try migrate("--max-cost", "1", "--price", "90")
    #expect(over.status == 1 && over.text.contains("exceed --max-cost"), "\(over.text)")
    #expect(try service.questions.count == 3)
  }

  @Test
  func `a text that is refused fails its store by name, and the others go on`() throws {
    try write(Self.texts(10) + ["this is UNWANTED", "   "])
    try write(Self.texts(10, "good"), to: "good")
    let outcome = try migrate()
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(
      outcome.text.contains(
        "no vector was made of document 10 (id doc_10_1700000000)"), "\(outcome.text)")
    #expect(outcome.text.contains("and of 1 more of its texts"))
    #expect(!(outcome.text + outcome.errorText).contains("UNWANTED"))
    #expect(try ferry.counts() == ["ann/good": 10])
  }

  @Test
  func `a dry run fails a store with a text of white space, as the live run does`() throws {
    try write(Self.texts(3) + ["   ", " \n"])
    try write(Self.texts(10, "good"), to: "good")
    let reason = "no vector was made of document 3 (id doc_3_1700000000): it contains only white"
    let dry = try migrate("--dry-run", "--embedding-dimensions", "32")
    #expect(dry.status == 1 && dry.text.contains(reason), "\(dry.text)")
    #expect(dry.text.contains("Successful: 1") && dry.text.contains("Failed: 1"), "\(dry.text)")
    #expect(dry.text.contains("Would migrate 1 store, 10 documents"), "\(dry.text)")
    #expect(dry.text.contains("2 texts with nothing but white space"), "\(dry.text)")
    let live = try migrate("--embedding-dimensions", "32")
    #expect(live.status == 1 && live.text.contains(reason), "\(live.text)")
    #expect(try ferry.counts() == ["ann/good": 10])
  }

  @Test
  func `a dry run says where a live run would or may stop at a limit of cost`() throws {
    try write(Self.texts(200))
    func dry(_ words: String) throws -> ProcessOutcome {
      try ferry.run(
        command: ["migrate", "--reembed", "--dry-run", "--embedding-dimensions", "32"]
          + words.split(separator: " ").map(String.init), environment: service.asOpenAI())
    }
    // About 2,100 tokens are expected, and no more than 10,000 are possible.
    for option in ["--max-cost", "--max-daily-cost"] {
      let low = try dry("--price 1000 \(option) 1")
      #expect(low.status == 1, "\(low.text)")
      #expect(low.text.contains("A live run would stop at the limit \(option)"), "\(low.text)")
      #expect(low.text.contains("❌ Dry run completed: a live run would stop"), "\(low.text)")
      let middle = try dry("--price 1000 \(option) 5")
      #expect(middle.status == 0, "\(middle.text)")
      #expect(middle.text.contains("A live run may stop at the limit \(option)"), "\(middle.text)")
      let high = try dry("--price 1000 \(option) 50")
      #expect(high.status == 0 && !high.text.contains("the limit"), "\(high.text)")
    }
  }

  @Test
  func `money that ends fails the rest by name; what was paid for is not paid for again`() throws {
    try write(Self.texts(100, "first"), to: "a")
    try write(Self.texts(2_000, "second"), to: "b")
    let price = ["EMBEDDING_PRICE_PER_MILLION_TOKENS": "100"]
    let outcome = try migrate("--max-cost", "1", "--concurrency", "1", environment: price)
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(outcome.text.contains("its texts were not all embedded"), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/a": 100])
    let paid = try asked.count
    #expect(paid >= 100 && paid < 2_100)
    let rest = try migrate()
    #expect(rest.status == 0, "\(rest.text)\(rest.errorText)")
    #expect(try asked.count == 2_100)
    try expectPaired(2_100)
  }

  @Test
  func `a dry run sends nothing, counts texts and tokens, and wants to know the dimension`() throws
  {
    try write(Self.texts(200))
    try write(Self.texts(20), to: "same")
    let unknown = try migrate("--dry-run")
    #expect(unknown.status == 3, "\(unknown.text)")
    #expect(unknown.errorText.contains("give --embedding-dimensions N"), "\(unknown.errorText)")
    let outcome = try migrate("--dry-run", "--embedding-dimensions", "32", "--price", "2")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(
      outcome.text.contains(
        "Texts: 220; 20 need no request; 200 would be sent in about 2 requests"),
      "\(outcome.text)")
    #expect(outcome.text.contains("at $2.00 for a million tokens"))
    #expect(try service.questions.isEmpty)
    #expect(
      !FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup")))
  }

  @Test
  func `verify finds an edited vector with the cache, and without the cache`() throws {
    try write(Self.texts(9))
    #expect(try migrate().status == 0)
    let cache = ferry.folder.file("migration_backup/embeddings.sqlite")
    for hasCache in [true, false] {
      if !hasCache {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: cache + end) }
      }
      let good = try ferry.run("verify")
      #expect(good.status == 0, "\(good.text)")
      #expect(
        good.text.contains("the cache of embeddings has none of 9 of the store's 9 texts")
          == !hasCache, "\(good.text)")
    }
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents SET embedding = (
          SELECT embedding FROM vector_documents WHERE text LIKE '% number 3 %')
        WHERE text LIKE '% number 4 %'
        """)
    let edited = try ferry.run("verify")
    #expect(edited.status == 4 && edited.text.contains("edited"), "\(edited.text)")
  }

  @Test
  func `verify --ask compares some vectors with what the service answers now, and counts its cost`()
    throws
  {
    try write(Self.texts(40))
    #expect(try migrate("--dimensions", "24", "--min-recall", "0").status == 0)
    let before = try asked.count
    func verify(_ words: String...) throws -> ProcessOutcome {
      try ferry.run(
        command: ["verify", "--min-recall", "0", "--ask", "5"] + words,
        environment: service.asOpenAI())
    }
    let good = try verify("--price", "1000")
    #expect(good.status == 0, "\(good.text)\(good.errorText)")
    #expect(good.errorText.contains("sending 5 texts to OpenAI at"), "\(good.errorText)")
    #expect(
      good.text.contains("Asked again for 5 texts: cosine distance 0.0000"), "\(good.text)")
    #expect(good.text.contains("for 6 texts in 2 requests: 36 tokens, $0.036"), "\(good.text)")
    #expect(try asked.count == before + 6)
    let poor = try verify("--price", "1000", "--max-cost", "0.001")
    #expect(poor.status == 0 && poor.text.contains("Not checked:"), "\(poor.text)")
    #expect(poor.text.contains("exceed --max-cost, which is $0.001"), "\(poor.text)")
    #expect(try asked.count == before + 6)
    try service.answerUsually(#"{"wrong": "model"}"#)
    let other = try verify("--json")
    #expect(other.status == 4 && other.text.contains(#""differing": 5"#), "\(other.text)")
    try service.answerUsually(#"{"dimensions": 16}"#)
    let narrow = try verify()
    #expect(narrow.status == 4, "\(narrow.text)")
    #expect(narrow.text.contains("answers vectors of 16 dimensions"), "\(narrow.text)")
    // The vectors in the cache are those that were paid for first.
    #expect(try ferry.run("verify", "--min-recall", "0").status == 0)
    #expect(try ferry.run("verify", "--min-recall", "0").text.contains("bit for bit"))
  }

  @Test
  func `verify --ask says which texts got no vector that can be used`() throws {
    try write(Self.texts(12))
    #expect(try migrate().status == 0)
    func verify(_ words: String...) throws -> ProcessOutcome {
      try ferry.run(
        command: ["verify", "--min-recall", "0", "--ask", "3"] + words,
        environment: service.asOpenAI())
    }
    let gap = "vectors at the service: 3 of 3 texts got no vector that can be used: the service"
    for value in ["nan", "null", "zero", "long"] {
      try service.answerUsually(#"{"wrong_all": "\#(value)"}"#)
      for words in [[], ["-q"]] {
        let outcome = try ferry.run(
          command: ["verify", "--min-recall", "0", "--ask", "3"] + words,
          environment: service.asOpenAI())
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
        #expect(outcome.text.contains("Not checked: \(gap)"), "\(value): \(outcome.text)")
        #expect(!outcome.text.contains("Asked again"), "\(value): \(outcome.text)")
        #expect(outcome.text.contains("Not everything was checked"), "\(value): \(outcome.text)")
      }
    }
    let document = try verify("--json").text
    for words in [gap, #""compared": 0"#, #""farthest": null"#, #""repeats": null"#] {
      #expect(document.contains(words), "\(document)")
    }
    try service.answerUsually("{}")
    try service.plan(#"[{"wrong": "null"}]"#)
    let partly = try verify()
    #expect(partly.status == 0, "\(partly.text)")
    #expect(partly.text.contains("Not checked: vectors at the service: 1 of 3 texts got no vector"))
    #expect(partly.text.contains("Asked again for 2 texts: cosine distance"), "\(partly.text)")
    #expect(partly.text.contains("repeats itself within"), "\(partly.text)")
  }

  @Test
  func `new vectors are reduced, measured and refitted as those of files are`() throws {
    try write(Self.texts(60))
    let outcome = try migrate(
      "--dimensions", "24", "--keep-original", "always", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("to reduce from 32 to 24 dimensions"))
    #expect(outcome.text.contains("Old and new vectors: of the 10 nearest documents"))
    let verified = try ferry.run("verify", "--min-recall", "0")
    #expect(verified.status == 0, "\(verified.text)")
    let refit = try ferry.run(
      "projection", "refit", "ann/notes", "--from", "source", "--min-recall", "0")
    #expect(refit.status == 0, "\(refit.text)\(refit.errorText)")
    #expect(try asked.count == 60)
  }

  @Test
  func `embedding_cache_stats of knowledge_graph counts requests, texts and cost by day`() throws {
    try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes")
    func numbers() throws -> String? {
      try ferry.scalar(
        """
        SELECT string_agg(concat_ws(' ', date = (now() AT TIME ZONE 'UTC')::date, api_calls_count,
          cache_hits_count, cache_miss_count, tokens_used, estimated_cost), ';')
        FROM embedding_cache_stats
        """)
    }
    try write(Self.texts(10))
    #expect(try migrate("--dry-run", "--embedding-dimensions", "32").status == 0)
    #expect(try numbers() == nil)
    try service.answerUsually(#"{"tokens": 50}"#)
    #expect(try migrate("--price", "100").status == 0)
    // The word "ferry", and the texts.
    #expect(try numbers() == "t 2 0 11 100 0.010000")
    try write(Self.texts(12))
    #expect(try migrate("--price", "100").status == 0)
    #expect(try numbers() == "t 3 10 13 150 0.015000")
    // Another role's table is not written to.
    let role = try Role("stranger", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(script: "ALTER TABLE embedding_cache_stats OWNER TO \(role.name)"))
    try write(Self.texts(13))
    let outcome = try migrate("--price", "100")
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(
      outcome.errorText.contains("embedding_cache_stats was not filled"), "\(outcome.errorText)")
    #expect(try numbers() == "t 3 10 13 150 0.015000")
  }

  @Test
  func `reembed names the commands that make the vectors of documents`() throws {
    let outcome = try ferry.run("reembed", "--set", "vector_documents")
    #expect(outcome.status == 3, "\(outcome.errorText)")
    for words in ["migrate --reembed --user U --collection C", "dimensions change --reembed"] {
      #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
    }
    #expect(try service.questions.isEmpty)
  }

  @Test
  func `options of the service need --reembed, and the key is shown nowhere`() throws {
    try write(Self.texts(3))
    let misused = try ferry.run("migrate", "--provider", "openai")
    #expect(misused.status == 2 && misused.errorText.contains("--reembed"), "\(misused.errorText)")
    let outcome = try migrate("--json")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.text.contains(#""provider": "openai""#), "\(outcome.text)")
    #expect(!(outcome.text + outcome.errorText).contains("sk-fake"))
    let history = try ferry.run("history", "--json")
    #expect(
      history.text.contains("--reembed --provider openai --model test-words"), "\(history.text)")
    for name in ["journal.sqlite", "embeddings.sqlite"] {
      let url = URL(fileURLWithPath: ferry.folder.file("migration_backup/\(name)"))
      let bytes = String(decoding: try Data(contentsOf: url), as: UTF8.self)
      #expect(!bytes.contains("sk-fake"))
    }
  }
}
