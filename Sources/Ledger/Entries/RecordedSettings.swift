package import Stores
package import VectorMath

/// The choices that decide which rows given files become, as the ledger keeps them: a change of
/// them is a change of the store.
///
/// In the database they are words: `dimensions=2000 projection=uncentered shared`. Databases hold
/// such texts, so a choice keeps its word, and a new one gets a word of its own behind those that
/// are there; without a choice there is no word.
package struct RecordedSettings: Sendable, Equatable {
  /// The dimension that the vectors were given; nil in a text that does not say it.
  package var dimensions: Int?
  /// How they were made shorter; nil where they were not, or in a way that is not known here.
  package var projection: Projection.Kind?
  /// The model is one that all stores of a dimension share.
  package var isShared = false
  /// The unreduced vectors are kept.
  package var keepsOriginals = false
  /// How the files are read.
  package var reading = ReadOptions()
  /// Words that this program does not know, as another version may have written them.
  private var others: [String] = []

  /// Settings without a projection.
  package init(dimensions: Int, reading: ReadOptions = ReadOptions()) {
    self.dimensions = dimensions
    self.reading = reading
  }

  /// The same for a store that has a model of its own.
  package var unshared: RecordedSettings {
    var copy = self
    copy.isShared = false
    return copy
  }

  /// A way to make vectors shorter that this program does not know; nil where there is none.
  package var unknownProjection: String? {
    others.lazy.compactMap { Self.value(of: .projection, in: $0) }.first
  }
}

extension RecordedSettings {
  /// The words of the text, in their order.
  private enum Word: String {
    case dimensions = "dimensions="
    case projection = "projection="
    case shared
    case keepOriginal = "keep-original"
    case allowMismatch = "allow-mismatch"
    case escapeNUL = "escape-nul"
  }

  /// Reads the text of a ledger.
  package init(text: String) {
    for word in text.split(separator: " ").map(String.init) {
      switch Word(rawValue: word) {
      case .shared: isShared = true
      case .keepOriginal: keepsOriginals = true
      case .allowMismatch: reading.allowMismatch = true
      case .escapeNUL: reading.escapeNUL = true
      case .dimensions, .projection, nil: readValue(word)
      }
    }
  }

  /// The text for a ledger.
  package var text: String {
    var words: [String] = []
    if let dimensions { words.append(Word.dimensions.rawValue + "\(dimensions)") }
    if let projection { words.append(Word.projection.rawValue + projection.rawValue) }
    let flags: [(Word, Bool)] = [
      (.shared, isShared), (.keepOriginal, keepsOriginals),
      (.allowMismatch, reading.allowMismatch), (.escapeNUL, reading.escapeNUL),
    ]
    words += flags.filter(\.1).map(\.0.rawValue)
    return (words + others).joined(separator: " ")
  }

  /// Reads a word that has a value; what is not understood is kept as it is.
  private mutating func readValue(_ word: String) {
    if let value = Self.value(of: .dimensions, in: word).flatMap({ Int($0) }),
      Word.dimensions.rawValue + "\(value)" == word
    {
      dimensions = value
    } else if let kind = Self.value(of: .projection, in: word).flatMap(Projection.Kind.init) {
      projection = kind
    } else {
      others.append(word)
    }
  }

  private static func value(of word: Word, in text: String) -> String? {
    text.hasPrefix(word.rawValue) ? String(text.dropFirst(word.rawValue.count)) : nil
  }
}
