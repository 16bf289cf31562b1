internal import Digests

/// Compares each document of a store with those before it, while its vectors are read.
struct DocumentComparison {
  private struct Pair: Hashable {
    let text: Int
    let vector: Int
  }

  /// What is equal among the documents whose vectors were added.
  private(set) var result = EqualDocuments()
  private var vectors: EqualValues
  /// The repeated texts of the documents that are still to come.
  private var texts: ArraySlice<RepeatedValue>
  /// The positions of the first equal text and the first equal vector, of documents where these
  /// differ.
  private var pairs: Set<Pair> = []

  /// Creates a comparison of about this many documents.
  ///
  /// - Parameter texts: the texts that are equal to an earlier one, in the documents' order.
  init(expected: Int, texts: [RepeatedValue]) {
    vectors = EqualValues(expected: expected)
    self.texts = texts[...]
  }

  /// Adds the vector of the next document.
  mutating func add(
    _ vector: UnsafeBufferPointer<Float>, hasNegativeZero: Bool
  ) throws(CryptoError) {
    let position = vectors.count
    let vector = try firstEqual(vector, hasNegativeZero: hasNegativeZero)
    var text = position
    if let next = texts.first, next.position == position {
      text = next.first
      texts.removeFirst()
    }
    // Where both appear for the first time in one document, that one is equal to this one.
    let isRepeated =
      text == vector
      ? text < position : !pairs.insert(Pair(text: text, vector: vector)).inserted
    result.add(vector: vector, text: text, isRepeated: isRepeated)
  }

  /// Returns the position of the first vector that is equal to the next one.
  private mutating func firstEqual(
    _ vector: UnsafeBufferPointer<Float>, hasNegativeZero: Bool
  ) throws(CryptoError) -> Int {
    if !hasNegativeZero { return try vectors.add(UnsafeRawBufferPointer(vector)) }
    // −0 is equal to 0 and has another sign.
    let positive = vector.map { $0 == 0 ? 0 : $0 }
    return try positive.withUnsafeBufferPointer { numbers throws(CryptoError) in
      try vectors.add(UnsafeRawBufferPointer(numbers))
    }
  }
}
