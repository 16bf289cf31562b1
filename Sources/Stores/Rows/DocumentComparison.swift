internal import Digests

/// Compares each document of a store with all earlier documents, while the store's vectors are
/// read.
struct DocumentComparison {
  private struct Pair: Hashable {
    let text: Int
    let vector: Int
  }

  /// The repeated vectors and texts among the documents whose vectors were added.
  private(set) var result = EqualDocuments()
  private var vectors: EqualValues
  /// The repeated texts of the documents that are still to come.
  private var texts: ArraySlice<RepeatedValue>
  /// The pairs of positions found so far: the position of the first equal text, and the position of
  /// the first equal vector where it is another one.
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
    // Where the text and the vector first appeared in the same earlier document, this document is
    // equal to that one.
    let isRepeated =
      text == vector
      ? text < position : !pairs.insert(Pair(text: text, vector: vector)).inserted
    result.add(vector: vector, text: text, isRepeated: isRepeated)
  }

  /// Adds the next vector; returns the position of the first vector that is equal to it.
  private mutating func firstEqual(
    _ vector: UnsafeBufferPointer<Float>, hasNegativeZero: Bool
  ) throws(CryptoError) -> Int {
    if !hasNegativeZero { return try vectors.add(UnsafeRawBufferPointer(vector)) }
    // The bits are hashed, and −0 has other bits than the equal number 0: each −0 is replaced by 0.
    let positive = vector.map { $0 == 0 ? 0 : $0 }
    return try positive.withUnsafeBufferPointer { numbers throws(CryptoError) in
      try vectors.add(UnsafeRawBufferPointer(numbers))
    }
  }
}
