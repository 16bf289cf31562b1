public import Files

/// Why a store, or a part of it, was refused: the refusal of one of its files, or of all of them.
public typealias StoreError = FileError

extension FileError.Kind {
  /// A name that no row can have.
  public static let name = Self(rawValue: "name")
  /// The store lacks a file.
  public static let incomplete = Self(rawValue: "incomplete")
  /// Vectors that could not be read.
  public static let vectors = Self(rawValue: "vectors")
  /// A NaN, an infinity, or a number beyond Float32.
  public static let notFinite = Self(rawValue: "notFinite")
  /// Rows of different lengths, or of a length that pgvector does not allow.
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
