/// A file or folder with stores of one user that the operator names, wherever it lies.
///
/// A file is one store. A folder is one store, or several stores that share it, or a folder of
/// entries that are each looked at as those of a user's folder are.
public struct GivenPlace: Sendable, Hashable {
  /// The path as the operator gives it, without trailing slashes.
  public let path: String
  /// The user to whom the stores belong.
  public let user: String
  /// The name that the store's collection gets where the place has one store; nil for the name that
  /// follows from the files.
  public let collection: String?
  /// The format to look for; nil for the first format that finds a store.
  public let format: StoreFormat?

  /// Creates a place from its parts.
  public init(
    path: String, user: String, collection: String? = nil, format: StoreFormat? = nil
  ) {
    var trimmed = path[...]
    while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
    self.path = String(trimmed)
    self.user = user
    self.collection = collection
    self.format = format
  }

  /// The path of the folder that contains the place.
  public var parent: String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The name of the place in the folder that contains it.
  public var name: String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }
}
