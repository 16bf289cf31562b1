public import JSON

/// Which user id the application used for a directory, where that is not the directory's name.
public struct UserIDMap: Equatable, Sendable {
  // Keyed by UTF-8: Swift's strings are equal where Unicode says so, directories are not.
  private let userIDs: [[UInt8]: String]

  /// Every directory is named like its user.
  public static let identity = UserIDMap([:])

  /// A map from directory name to user id; directories it does not name keep their own.
  public init(_ userIDs: [String: String]) {
    self.userIDs = Dictionary(uniqueKeysWithValues: userIDs.map { (Array($0.key.utf8), $0.value) })
  }

  /// The map that a JSON object of strings describes: `{"directory": "user id"}`.
  public init(reading source: any ByteSource) throws {
    var limits = JSONLimits()
    limits.entryBytes = 64 * 1024 * 1024
    let object = try JSONEntry(reading: source, limits: limits)
    var userIDs: [[UInt8]: String] = [:]
    for member in object.members {
      let directory = object.key(of: member)
      guard let userID = object.string(of: member) else {
        throw UserIDMapError(directory: directory, found: member.kind)
      }
      userIDs[Array(directory.utf8)] = userID
    }
    self.userIDs = userIDs
  }

  /// The application's id for the user of this directory.
  public func userID(ofDirectory directory: String) -> String {
    userIDs[Array(directory.utf8)] ?? directory
  }
}

/// A user id map names something else than a text.
public struct UserIDMapError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory whose user id is not a string.
  public let directory: String
  /// What stands there.
  public let found: JSONKind

  /// Cause and remedy in words.
  public var description: String {
    "the user id of \"\(directory)\" is \(found), not a string; "
      + "write the map as {\"directory\": \"user id\"}"
  }
}
