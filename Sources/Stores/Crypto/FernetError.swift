/// Why an encrypted file was refused; says nothing about key or content.
public enum FernetError: Error, Equatable, Sendable {
  /// The text is not a Fernet token at all.
  case notAToken
  /// The token and the key do not belong together, or the token is damaged.
  case notAuthentic
  /// The token is authentic, yet what it holds is not properly padded.
  case invalidPadding
  /// The file was another one when it was read the second time.
  case changed
}

extension FernetError: CustomStringConvertible {
  /// Cause and remedy in words.
  public var description: String {
    switch self {
    case .notAToken:
      "neither a JSON array nor a Fernet token; the file is damaged or of another kind, restore it"
    case .notAuthentic:
      "the Fernet token does not authenticate: the key is wrong or the file is damaged; "
        + "set ENCRYPTION_MASTER_KEY to the key the application used (unset it where it used none), "
        + "or give --user-id-map where the application's user id is not the directory's name"
    case .invalidPadding:
      "the Fernet token authenticates, but its content is not padded as the format demands; "
        + "the program that wrote it is at fault, write the file anew"
    case .changed:
      "the encrypted file changed while it was read; stop the application and run again"
    }
  }
}
