/// The reason why an encrypted file was refused, which reveals nothing about the key or the
/// contents.
public enum FernetError: Error, Equatable, Sendable {
  /// The text is not a Fernet token at all.
  case notAToken
  /// The key does not belong to the token, or the token is damaged.
  case notAuthentic
  /// The token is authentic, but its plaintext is not padded correctly.
  case invalidPadding
  /// The file was read twice, and had changed before the second reading.
  case changed
}

extension FernetError: CustomStringConvertible {
  /// The cause and the remedy in words.
  public var description: String { "\(problem); \(remedy)" }

  /// The problem, in words.
  var problem: String {
    switch self {
    case .notAToken: "neither a JSON array nor a Fernet token"
    case .notAuthentic:
      "the Fernet token does not authenticate: the key is wrong or the file is damaged"
    case .invalidPadding:
      "the Fernet token authenticates, but its content does not have the padding that the format "
        + "requires"
    case .changed: "the encrypted file changed while it was read"
    }
  }

  /// Describes the problem, and says so where no master key was set.
  func problem(hasMasterKey: Bool) -> String {
    guard self == .notAuthentic, !hasMasterKey else { return problem }
    return problem
      + " (ENCRYPTION_MASTER_KEY is not set, so the application's default key was tried)"
  }

  /// The advice to the operator.
  var remedy: String {
    switch self {
    case .notAToken: "the file is damaged or of another kind: restore the file"
    case .notAuthentic:
      "set ENCRYPTION_MASTER_KEY to the application's key (unset the variable if the application "
        + "used no key), or give --user-id-map if the user id in the application differs from the "
        + "directory's name"
    case .invalidPadding: "the program that wrote the file made a mistake; write the file again"
    case .changed: "stop the application and run again"
    }
  }
}
