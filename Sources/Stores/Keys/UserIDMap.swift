public import JSON

/// The user ids of the application for directories that are not named by the user id.
public struct UserIDMap: Equatable, Sendable {
  // The keys are UTF-8 bytes, by which directories are compared: Swift considers some strings of
  // different bytes equal.
  private let userIDs: [[UInt8]: String]

  /// The map in which the name of every directory is the user id.
  public static let identity = UserIDMap([:])

  /// Creates a map from directory names to user ids; for every other directory, its name is the
  /// user id.
  public init(_ userIDs: [String: String]) {
    self.userIDs = Dictionary(uniqueKeysWithValues: userIDs.map { (Array($0.key.utf8), $0.value) })
  }

  /// Reads the map from a JSON object of strings: `{"directory": "user id"}`.
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

  /// Returns the application's id for the user of this directory.
  public func userID(ofDirectory directory: String) -> String {
    userIDs[Array(directory.utf8)] ?? directory
  }
}

/// The error for a user id map that contains a value other than a string.
public struct UserIDMapError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory whose user id is not a string.
  public let directory: String
  /// The kind of the value that was found.
  public let found: JSONKind

  /// The cause and the remedy in words.
  public var description: String {
    "the user id of \"\(directory)\" is \(found), not a string; "
      + "write the map as {\"directory\": \"user id\"}"
  }
}
