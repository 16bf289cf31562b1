public import Files

/// The refusal of a store, or of one of its files.
public typealias StoreError = FileError

extension FileError.Kind {
  /// The name of a user or collection cannot be used: the database cannot store it as text, or the
  /// name of the user's folder begins with a dot.
  public static let name = Self(rawValue: "name")
  /// A place in which no store was found.
  public static let notRecognized = Self(rawValue: "notRecognized")
  /// A kind of store that is never read.
  public static let unsupported = Self(rawValue: "unsupported")
  /// The store lacks a file.
  public static let incomplete = Self(rawValue: "incomplete")
  /// Vectors that could not be read.
  public static let vectors = Self(rawValue: "vectors")
  /// A number that is NaN, infinite, or too large for Float32.
  public static let notFinite = Self(rawValue: "notFinite")
  /// A vector whose length is outside of the bounds within which pgvector can compare it.
  public static let length = Self(rawValue: "length")
  /// Vectors of different dimensions, or of more dimensions than pgvector allows.
  public static let dimensions = Self(rawValue: "dimensions")
  /// Entries that could not be read.
  public static let metadata = Self(rawValue: "metadata")
  /// The metadata could not be decrypted.
  public static let encryption = Self(rawValue: "encryption")
  /// Vectors and entries that do not match.
  public static let count = Self(rawValue: "count")
  /// Entries without text.
  public static let text = Self(rawValue: "text")
}
