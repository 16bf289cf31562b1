package import Embedding
package import Stores
package import VectorMath

/// The settings that decide which rows are made of a store's files, as the ledger records them: a
/// store counts as changed where its settings change.
///
/// The database stores the settings as words: `dimensions=2000 projection=uncentered shared`.
/// Existing databases contain such texts, so each setting keeps its word, and the word of a new
/// setting is added after the existing ones; a setting that does not apply has no word.
package struct RecordedSettings: Sendable, Equatable {
  /// The dimension of the vectors in the table; nil where the text does not name it.
  package var dimensions: Int?
  /// The method that reduced the vectors; nil where they were not reduced, or by a method that this
  /// program does not know.
  package var projection: Projection.Kind?
  /// True where the store uses a model that all stores with vectors of the same dimension share.
  package var isShared = false
  /// True where the unreduced vectors are kept.
  package var keepsOriginals = false
  /// The service and the model that made the vectors from the documents' texts; nil where the
  /// vectors are those of the files.
  package var embedding: EmbeddingOrigin?
  /// The faults in the files that were accepted when the files were read.
  package var reading = ReadOptions()
  /// The words that this program does not know; another version may have written them.
  private var others: [String] = []

  /// Creates settings without a projection.
  package init(dimensions: Int, reading: ReadOptions = ReadOptions()) {
    self.dimensions = dimensions
    self.reading = reading
  }

  /// The recorded origin of the vectors as text, where this program does not know that origin; nil
  /// otherwise.
  package var unknownEmbedding: String? {
    others.lazy.compactMap { Self.value(of: .embedding, in: $0) }.first
  }

  /// A copy of the settings, for a store that has a model of its own.
  package var unshared: RecordedSettings {
    var copy = self
    copy.isShared = false
    return copy
  }

  /// The recorded method of reducing vectors as text, where this program does not know that method;
  /// nil otherwise.
  package var unknownProjection: String? {
    others.lazy.compactMap { Self.value(of: .projection, in: $0) }.first
  }
}

extension RecordedSettings {
  /// The words of which the text consists, in their order.
  private enum Word: String {
    case dimensions = "dimensions="
    case projection = "projection="
    case shared
    case keepOriginal = "keep-original"
    case allowMismatch = "allow-mismatch"
    case escapeNUL = "escape-nul"
    case embedding = "embedding="
  }

  /// Reads settings from the ledger's text.
  package init(text: String) {
    for word in text.split(separator: " ").map(String.init) {
      switch Word(rawValue: word) {
      case .shared: isShared = true
      case .keepOriginal: keepsOriginals = true
      case .allowMismatch: reading.allowMismatch = true
      case .escapeNUL: reading.escapeNUL = true
      case .dimensions, .projection, .embedding, nil: readValue(word)
      }
    }
  }

  /// The settings as the ledger's text.
  package var text: String {
    var words: [String] = []
    if let dimensions { words.append(Word.dimensions.rawValue + "\(dimensions)") }
    if let projection { words.append(Word.projection.rawValue + projection.rawValue) }
    let flags: [(Word, Bool)] = [
      (.shared, isShared), (.keepOriginal, keepsOriginals),
      (.allowMismatch, reading.allowMismatch), (.escapeNUL, reading.escapeNUL),
    ]
    words += flags.filter(\.1).map(\.0.rawValue)
    if let embedding { words.append(Word.embedding.rawValue + embedding.word) }
    return (words + others).joined(separator: " ")
  }

  /// Reads a word that has a value; a word that is not understood is kept as it is.
  private mutating func readValue(_ word: String) {
    if let value = Self.value(of: .dimensions, in: word).flatMap({ Int($0) }),
      Word.dimensions.rawValue + "\(value)" == word
    {
      dimensions = value
    } else if let kind = Self.value(of: .projection, in: word).flatMap(Projection.Kind.init) {
      projection = kind
    } else if let origin = Self.value(of: .embedding, in: word).flatMap({
      EmbeddingOrigin(word: $0)
    }) {
      embedding = origin
    } else {
      others.append(word)
    }
  }

  private static func value(of word: Word, in text: String) -> String? {
    text.hasPrefix(word.rawValue) ? String(text.dropFirst(word.rawValue.count)) : nil
  }
}
