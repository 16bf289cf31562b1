internal import Arguments
internal import Search

extension SearchRequest: CommandOptions {}

/// The arguments of `search`.
struct SearchOptions: ParameterSet {
  /// The argument `TEXT`: the words of the text to search for.
  let text: Parameter<[String]>
  /// The value of the option `--like`; nil where it is not given.
  let like: Parameter<String?>
  /// The value of the option `--vector`; nil where it is not given.
  let vector: Parameter<String?>
  /// The value of the option `--hybrid`; nil where it is not given.
  let hybrid: Parameter<String?>
  /// The value of the option `--user`; nil where it is not given.
  let user: Parameter<String?>
  /// The value of the option `--collection`; nil where it is not given.
  let collection: Parameter<String?>
  /// The value of the option `--set`, or its default.
  let set: Parameter<SearchedSet>
  /// The value of the option `-k`, or its default.
  let limit: Parameter<Int>
  /// The value of the option `--threshold`; nil where it is not given.
  let threshold: Parameter<Double?>
  /// The value of the option `--filter`; nil where it is not given.
  let filter: Parameter<String?>
  /// The value of the option `--weights`, or its default.
  let weights: Parameter<FusionWeights>
  /// The switch `--rrf`.
  let reciprocalRank: Parameter<Bool>
  /// The value of the option `--config`, or its default.
  let configuration: Parameter<String>
  /// The options that name the service that turns the text into a vector.
  let embedding: EmbeddingOptions
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    text = declare.list(
      "TEXT", .text("TEXT"),
      help: "The subject to search for; the service of --provider turns it into a vector")
    declare.heading("What is searched for")
    like = declare.optional(
      "like", .text("ID"),
      help: "Find documents like the one with this id (or id's beginning); needs no other option")
    vector = declare.optional(
      "vector", .file,
      help: "Find documents near this vector: a JSON array, or an array that numpy.save wrote")
    hybrid = declare.optional(
      "hybrid", .text("TEXT"),
      help: """
        Documents with these words: alone, or combined with TEXT, --like or --vector; "quoted \
        words", or and -not are understood
        """, sets: \SearchRequest.words)
    declare.heading("Where")
    user = declare.optional(
      "user", .text("U"), otherwise: "the user of the --like document",
      help: "The user whose documents are searched",
      sets: \SearchRequest.user)
    collection = declare.optional(
      "collection", .text("C"),
      otherwise: "the collection of the --like document, or personal_assistant",
      help: "The collection of the user that is searched", sets: \SearchRequest.collection)
    set = declare.option(
      "set", .choice, default: .documents,
      help: """
        The schema that is searched; in semantic_search, ID is an embedding's number, and \
        variables such as VECTOR_STORE_EXPOSE_CHUNK_TEXT add fields to the results
        """)
    filter = declare.optional(
      "filter", .text("JSON"), help: "Only documents whose metadata contain this object",
      sets: \SearchRequest.filter)
    declare.heading("What is shown")
    limit = declare.option(
      "limit", short: "k", .whole(1...10_000), help: "The largest number of documents to show",
      sets: \SearchRequest.limit)
    threshold = declare.optional(
      "threshold", .number(-1...1), otherwise: "none; 0.7 in semantic_search",
      help: "The lowest cosine similarity that a result may have",
      sets: \SearchRequest.threshold)
    declare.heading("Hybrid search")
    weights = declare.option(
      "weights", .weights, default: FusionWeights(vector: 0.7, keyword: 0.3),
      help: "The weights of vectors and of words",
      sets: \SearchRequest.fusion,
      as: { .weighted(vector: $0.vector, keyword: $0.keyword) })
    reciprocalRank = declare.flag(
      "rrf", help: "Combine ranks instead of scores: reciprocal rank fusion with k = 60",
      sets: \SearchRequest.fusion, to: .reciprocalRank)
    configuration = declare.option(
      "config", .text("NAME"),
      help: "The text search configuration of --hybrid; the configuration named simple does not "
        + "stem words",
      sets: \SearchRequest.configuration)
    embedding = declare.group(EmbeddingOptions.self)
    declare.heading("Database")
    database = declare.group(DatabaseOption.self)
    declare.heading("Output")
    output = declare.group(JSONOption.self)
  }
}

/// The sets in which `search` can search.
enum SearchedSet: String, Choice {
  /// The set with the application's table of documents.
  case documents = "vector_documents"
  /// The set with chunks of indexed content.
  case chunks = "semantic_search"
}

/// The weights of the two parts of a hybrid search.
struct FusionWeights: Equatable, Sendable {
  /// The weight of the similarity of vectors.
  let vector: Double
  /// The weight of the rank by words.
  let keyword: Double
}

extension ValueType where Value == FusionWeights {
  /// The type of two numbers, neither below zero and at least one above zero: `0.7,0.3`.
  static var weights: ValueType {
    let allowed = "two weights such as 0.7,0.3"
    let number = ValueType<Double>.number(0...1_000_000)
    return ValueType(
      placeholder: "V,K", completion: .none,
      read: { word throws(ValueFault) in
        let parts = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw .notNumber(allowed: allowed) }
        let weights = FusionWeights(
          vector: try number.read(parts[0]), keyword: try number.read(parts[1]))
        guard weights.vector + weights.keyword > 0 else { throw .outside(allowed: allowed) }
        return weights
      },
      write: { number.write($0.vector) + "," + number.write($0.keyword) })
  }
}
