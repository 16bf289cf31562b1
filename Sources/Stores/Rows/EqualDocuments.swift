/// The number of vectors and the number of texts in a store that are equal to an earlier one.
///
/// Two vectors are equal where all their Float32 numbers are equal; −0 is equal to 0. Two texts are
/// equal where all their bytes are. Hashes are compared: two different values count as equal with a
/// probability of at most 2⁻⁶³.
public struct EqualDocuments: Sendable, Equatable {
  /// The vectors or texts that are equal to an earlier one.
  public struct Repeats: Sendable, Equatable {
    /// The number of repeats.
    public fileprivate(set) var count = 0
    /// The number of repeats in documents whose pair of vector and text is new: no earlier document
    /// has both.
    public fileprivate(set) var others = 0
    /// The first repeat that `others` counts, or the first of all repeats where `others` is 0; nil
    /// where there are no repeats.
    fileprivate var example: RepeatedValue?

    fileprivate mutating func add(_ repeated: RepeatedValue, isOther: Bool) {
      if count == 0 || isOther && others == 0 { example = repeated }
      count += 1
      if isOther { others += 1 }
    }
  }

  /// The number of documents.
  public private(set) var documents = 0
  /// The vectors that are equal to an earlier one.
  public private(set) var vectors = Repeats()
  /// The texts that are equal to an earlier one.
  public private(set) var texts = Repeats()

  /// The number of different vectors.
  public var distinctVectors: Int { documents - vectors.count }
  /// The number of different texts.
  public var distinctTexts: Int { documents - texts.count }
  /// The number of different pairs of a text and a vector.
  public var distinctDocuments: Int { documents - vectors.count + vectors.others }

  /// Adds the next document.
  ///
  /// - Parameters:
  ///   - vector: the position of the first equal vector; the position of this document where there
  ///     is none.
  ///   - text: the position of the first equal text; the position of this document where there is
  ///     none.
  ///   - isRepeated: true where an earlier document has both this vector and this text.
  mutating func add(vector: Int, text: Int, isRepeated: Bool) {
    let position = documents
    if vector < position {
      vectors.add(RepeatedValue(position: position, first: vector), isOther: !isRepeated)
    }
    if text < position {
      texts.add(RepeatedValue(position: position, first: text), isOther: !isRepeated)
    }
    documents += 1
  }
}

extension EqualDocuments {
  /// The repeated vectors and texts in words, at most two sentences; empty where nothing repeats.
  public var findings: [String] {
    if vectors.others == 0, texts.others == 0 {
      let has = texts.count == 1 ? "has" : "have"
      let words = "\(has) the text and the vector of an earlier one"
      return [sentence(texts, "document", words, at: "entries")].compactMap(\.self)
    }
    return [
      sentence(vectors, "vector", vectors.words, besides: vectors.parts("text"), at: "rows"),
      sentence(texts, "text", texts.words, besides: texts.parts("vector"), at: "entries"),
    ].compactMap(\.self)
  }

  private func sentence(
    _ repeats: Repeats, _ noun: String, _ words: String, besides: String = "", at places: String
  ) -> String? {
    guard let example = repeats.example else { return nil }
    let distinct = documents - repeats.count
    let isOnlyOne = (repeats.others > 0 ? repeats.others : repeats.count) == 1
    return "\(repeats.count) of \(documents) \(noun)s \(words) (\(distinct) distinct)\(besides): "
      + "\(isOnlyOne ? "" : "for example ")\(places) \(example.first) and \(example.position)"
  }
}

extension EqualDocuments.Repeats {
  fileprivate var words: String { "\(count == 1 ? "is" : "are") equal to an earlier one" }

  /// Says in words how many of the repeats have another text or another vector, as `other` names
  /// it.
  fileprivate func parts(_ other: String) -> String {
    let each = count == 1 ? "" : "each "
    return switch others {
    case 0: ", \(each)with the same \(other)"
    case count: ", \(each)with another \(other)"
    default: ", \(others) with another \(other)"
    }
  }
}
