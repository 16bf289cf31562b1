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
  /// The stores that `--user`, `--collection` and `--exclude` select.
  var resolved: StoreSelection {
    var selection = StoreSelection()
    selection.users = self.users
    selection.collections = self.collections
    selection.excluded = self.excluded
    return selection
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
