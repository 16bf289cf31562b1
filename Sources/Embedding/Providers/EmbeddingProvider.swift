internal import JSON

/// What tells one service from another: how it is asked, and how it answers.
protocol EmbeddingProvider: Sendable {
  /// The most that one question may hold.
  var limits: BatchLimits { get }
  /// The question for the embeddings of some texts.
  func request(for texts: [String]) -> HTTPRequest
  /// The vectors in an answer, in the order of the texts.
  func read(_ answer: JSONValue, count: Int) throws(AnswerFault) -> ProviderAnswer
  /// What the service says about a refusal.
  func refusal(in answer: JSONValue) -> ProviderRefusal?
}

/// The most that one question may hold.
struct BatchLimits: Equatable, Sendable {
  var texts: Int
  /// Bytes of UTF-8; a longer text goes alone.
  var bytes: Int
}

/// What a service has made of a batch.
struct ProviderAnswer: Equatable {
  var vectors: [[Float]]
  /// The tokens it counts; nil where it does not say.
  var tokens: Int?
}

/// A service's own words about a refusal.
struct ProviderRefusal: Equatable {
  var message: String
  var code: String?
}

/// What is wrong with an answer that should hold embeddings, in words.
struct AnswerFault: Error, Equatable {
  let words: String

  init(_ words: String) { self.words = words }
}

extension JSONValue {
  /// A count of tokens that can be true of one question; any other is as good as none.
  var tokenCount: Int? { intValue.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil } }

  /// The numbers of an array as single precision; a null, which stands for NaN, is none.
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
