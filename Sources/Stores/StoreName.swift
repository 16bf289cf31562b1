internal import Files

/// The name of a store: a user and one of the user's collections.
///
/// Compared byte by byte: two directory names that differ only in their Unicode normalisation are
/// two stores, although Swift's `String` considers them equal.
public struct StoreName: Sendable {
  /// The user, as the directory below the root is named.
  public let user: String
  /// The collection, as the directory is named after `vector_store_`.
  public let collection: String

  /// Creates a name from its two parts.
  public init(user: String, collection: String) {
    self.user = user
    self.collection = collection
  }

  /// The most characters of a user or a collection, as `varchar(255)` counts them.
  public static let characterLimit = 255

  /// Why no row can have this name; nil where one can.
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
  /// Returns whether both parts have the same bytes.
  public static func == (left: StoreName, right: StoreName) -> Bool {
    left.user.utf8.elementsEqual(right.user.utf8)
      && left.collection.utf8.elementsEqual(right.collection.utf8)
  }

  /// Orders by the users' bytes, then by the collections'.
  public static func < (left: StoreName, right: StoreName) -> Bool {
    if left.user.utf8.elementsEqual(right.user.utf8) {
      return left.collection.utf8.lexicographicallyPrecedes(right.collection.utf8)
    }
    return left.user.utf8.lexicographicallyPrecedes(right.user.utf8)
  }

  /// Hashes the bytes of both parts, each with its end.
  public func hash(into hasher: inout Hasher) {
    for part in [user, collection] {
      for byte in part.utf8 { hasher.combine(byte) }
      hasher.combine(UInt8(0xFF))  // no byte of UTF-8: ends the part
    }
  }
}
