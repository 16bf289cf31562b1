internal import Files
internal import Messages
internal import Arguments
internal import Ledger
internal import Glibc
internal import JSON
internal import Postgres
internal import Stores

extension ParsedArguments where Parameters == SourceOptions {
  /// Reads the keys of encrypted metadata for the user ids that `--user-id-map` names.
  func keyRing(environment: [String: String]) throws -> KeyRing {
    guard let file = self.userIDMap else { return KeyRing(environment: environment) }
    return KeyRing(environment: environment, userIDs: try Self.userIDs(in: file))
  }

  private static func userIDs(in path: String) throws(Failure) -> UserIDMap {
    let remedy = "write a JSON object of strings: {\"directory\": \"user id\"}"
    do {
      let file = try FileDescriptor(opening: path, O_RDONLY)
      return try file.withNumber { try UserIDMap(reading: FileByteSource(descriptor: $0)) }
    } catch let failure as SystemFailure {
      throw Failure(.preflight, "--user-id-map \(path): \(failure.reason)", remedy: remedy)
    } catch {
      if let error = error as? StoreError, error.kind == .interrupted { throw Failure(error) }
      throw Failure(.preflight, "--user-id-map \(path): \(error)", remedy: remedy)
    }
  }
}

extension ParsedArguments where Parameters == SelectionOptions {
  /// Returns the stores that `--user`, `--users-from`, `--collection` and `--exclude` select.
  func resolved() throws(Failure) -> StoreSelection {
    var selection = StoreSelection()
    selection.users = try allUsers()
    selection.collections = self.collections
    selection.excluded = self.excluded
    return selection
  }

  /// Returns the users of `--user` and those in the file of `--users-from`; refuses a file without
  /// users, because no user would mean all users.
  func allUsers() throws(Failure) -> [String] {
    guard let path = self.usersFile else { return self.users }
    let remedy = "name a text file with the name of a user, or a pattern, on each line"
    let bytes: [UInt8]
    do throws(SystemFailure) {
      bytes = try FileDescriptor(opening: path, O_RDONLY).readToEnd()
    } catch {
      throw Failure(.preflight, "--users-from \(path): \(error.reason)", remedy: remedy)
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
      throw Failure(.preflight, "--users-from \(path): the file is not UTF-8 text", remedy: remedy)
    }
    // A name may contain spaces, but not begin or end with one.
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    // Some editors begin a file with this mark.
    let users = text.drop { $0 == "\u{FEFF}" }.split(whereSeparator: \.isNewline)
      .map { String($0.drop(while: isSpace).reversed().drop(while: isSpace).reversed()) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !users.isEmpty else {
      throw Failure(.preflight, "--users-from \(path): the file names no user", remedy: remedy)
    }
    return self.users + users
  }
}

extension Identifier {
  /// Creates the name from the value of an option.
  init(argument: String) { self.init(argument) }
}

extension QualifiedName {
  /// Reads the value of the option `--table`; throws where the value is no table name.
  init(argument: String) throws(Failure) {
    guard let name = QualifiedName(parsing: argument) else {
      throw Failure(
        .preflight, "--table \(argument) is not a table name", remedy: "write name or schema.name")
    }
    self = name
  }
}
