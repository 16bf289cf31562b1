internal import JSON

/// The differences between services: the form of requests and answers.
protocol EmbeddingProvider: Sendable {
  /// The limits of one request.
  var limits: BatchLimits { get }
  /// Creates the request for the embeddings of some texts.
  func request(for texts: [String]) -> HTTPRequest
  /// Reads the vectors in an answer, in the order of the texts.
  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer
  /// Reads the service's words about a refusal; nil where the answer has none.
  func refusal(in answer: JSONValue) -> ProviderRefusal?
}

/// The limits of one request.
struct BatchLimits: Equatable, Sendable {
  var texts: Int
  /// How many bytes of UTF-8 a batch may have; a longer text is sent alone.
  var bytes: Int
}

/// The result of a batch.
struct ProviderAnswer: Equatable {
  var vectors: [[Float]]
  /// How many tokens the service counted; nil where it does not say.
  var tokens: Int?
}

/// A service's own words about a refusal.
struct ProviderRefusal: Equatable {
  var message: String
  var code: String?
}

/// The fault of an answer that should contain embeddings, in words.
struct AnswerFault: Error, Equatable {
  let words: String

  init(_ words: String) { self.words = words }
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
}
