internal import Files

/// The name of a store: a user and one of the user's collections.
///
/// Names are compared byte by byte. Two directory names that differ only in their Unicode
/// normalisation are two stores, although Swift's `String` considers them equal.
public struct StoreName: Sendable {
  /// The user's name: the name of the directory below the root.
  public let user: String
  /// The collection's name: the part of the directory's name after `vector_store_`.
  public let collection: String

  /// Creates a name from its two parts.
  public init(user: String, collection: String) {
    self.user = user
    self.collection = collection
  }

  /// The largest number of characters in the name of a user or a collection, as `varchar(255)`
  /// counts them.
  public static let characterLimit = 255

  /// The reason why this name cannot be stored in a row; nil where there is no such reason.
  public var problem: String? {
    for (part, value) in [("user", user), ("collection", collection)] {
      if value.isEmpty { return "the \(part) name is empty" }
      let count = value.unicodeScalars.count
      if count > Self.characterLimit {
        return "the \(part) name has \(count) characters; "
          + "the column \(part == "user" ? "user_id" : "collection_name") holds "
          + "\(Self.characterLimit)"
      }
      if value.utf8.contains(0) { return "the \(part) name contains U+0000" }
    }
    return nil
  }
}

extension StoreName: CustomStringConvertible {
  /// The name as `user/collection` on one line, with control characters escaped.
  public var description: String {
    let user = ShownText.of(user)
    return collection.isEmpty ? user : "\(user)/\(ShownText.of(collection))"
  }
}

extension StoreName: Hashable, Comparable {
  /// Returns true where the two names have the same bytes in both parts.
  public static func == (left: StoreName, right: StoreName) -> Bool {
    left.user.utf8.elementsEqual(right.user.utf8)
      && left.collection.utf8.elementsEqual(right.collection.utf8)
  }

  /// Orders names by the bytes of the user, then by those of the collection.
  public static func < (left: StoreName, right: StoreName) -> Bool {
    if left.user.utf8.elementsEqual(right.user.utf8) {
      return left.collection.utf8.lexicographicallyPrecedes(right.collection.utf8)
    }
    return left.user.utf8.lexicographicallyPrecedes(right.user.utf8)
  }

  /// Hashes the bytes of both parts, and a mark at the end of each part.
  public func hash(into hasher: inout Hasher) {
    for part in [user, collection] {
      for byte in part.utf8 { hasher.combine(byte) }
      hasher.combine(UInt8(0xFF))  // no byte of UTF-8: ends the part
    }
  }
}
