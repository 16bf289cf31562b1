internal import JSON

/// The use of a text: some services make one vector of a document, and another one of a question
/// with the same words.
public enum EmbeddingPurpose: String, Sendable {
  /// The text is stored, and found later.
  case document
  /// The text is searched for.
  case query
}

/// The differences between services: the form of requests and answers.
protocol EmbeddingProvider: Sendable {
  /// The limits of one request.
  var limits: BatchLimits { get }
  /// Creates the request for the embeddings of some texts.
  func request(for texts: [String], as purpose: EmbeddingPurpose) -> HTTPRequest
  /// Reads the vectors in an answer, in the order of the texts.
  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer
  /// Reads the service's words about a refusal; nil where the answer has none.
  func refusal(in answer: JSONValue) -> ProviderRefusal?
  /// Returns why a text is not sent at all; nil where it may be sent.
  func objection(to text: String) -> String?
}

extension EmbeddingProvider {
  func objection(to text: String) -> String? { nil }
}

/// The limits of one request.
struct BatchLimits: Equatable, Sendable {
  var texts: Int
  /// The number of bytes of UTF-8 that a batch may have; a longer text is sent alone.
  var bytes: Int
}

/// The result of a batch.
struct ProviderAnswer: Equatable {
  var vectors: [[Float]]
  /// The number of tokens that the service counted; nil where the service sends no number.
  var tokens: Int?
  /// The positions of texts of which the service says that it has read only the beginning.
  var cut: Set<Int> = []
}

/// A service's own words about a refusal.
struct ProviderRefusal: Equatable {
  var message: String
  var code: String?
  /// The seconds that the service asks to wait, where its words say so.
  var pause: Double?
  /// True where the words say that the key is not accepted.
  var isAboutKey = false
}

/// The fault of an answer that should contain embeddings, in words.
struct AnswerFault: Error, Equatable {
  let words: String

  init(_ words: String) { self.words = words }
}

extension HTTPRequest {
  /// Creates a request with a JSON body.
  init(_ path: String, _ headers: [(name: String, value: String)], _ body: JSONObject) {
    self.init(path: path, headers: headers, body: Array(JSONValue.object(body).text.utf8))
  }
}

extension JSONValue {
  /// A plausible count of tokens for one request; nil for any other number.
  var tokenCount: Int? { intValue.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil } }

  /// Reads the numbers of an array as single precision; a null becomes NaN, for which the embedder
  /// refuses the text.
  func vector() throws(AnswerFault) -> [Float] {
    guard let elements = arrayValue, !elements.isEmpty else {
      throw AnswerFault("an embedding is no array of numbers")
    }
    var vector: [Float] = []
    vector.reserveCapacity(elements.count)
    for element in elements {
      if element == .null {
        vector.append(.nan)
      } else if let number = element.doubleValue {
        vector.append(Float(number))
      } else {
        throw AnswerFault("an embedding is no array of numbers")
      }
    }
    return vector
  }

  /// Reads the vectors of an array that has them in the order of the texts.
  static func vectors(
    in list: JSONValue?, named name: String, count: Int, _ body: (JSONValue) -> JSONValue? = { $0 }
  ) throws(AnswerFault) -> [[Float]] {
    guard let list = list?.arrayValue else { throw AnswerFault("it has no \"\(name)\"") }
    guard list.count == count else {
      throw AnswerFault("\(list.count) embeddings for \(count) texts")
    }
    var vectors: [[Float]] = []
    for entry in list {
      guard let numbers = body(entry) else { throw AnswerFault("an entry is empty") }
      vectors.append(try numbers.vector())
    }
    return vectors
  }

  /// Reads the vectors of `data`, each of which names its text by `index`; they may come in any
  /// order.
  func vectorsByIndex(count: Int) throws(AnswerFault) -> [[Float]] {
    guard let data = self["data"]?.arrayValue else { throw AnswerFault("it has no \"data\"") }
    guard data.count == count else {
      throw AnswerFault("\(data.count) embeddings for \(count) texts")
    }
    var vectors = [[Float]](repeating: [], count: count)
    for entry in data {
      guard let index = entry["index"]?.intValue, vectors.indices.contains(index),
        vectors[index].isEmpty
      else { throw AnswerFault("an \"index\" is missing, repeated or out of range") }
      guard let embedding = entry["embedding"] else { throw AnswerFault("an entry is empty") }
      vectors[index] = try embedding.vector()
    }
    return vectors
  }
}
