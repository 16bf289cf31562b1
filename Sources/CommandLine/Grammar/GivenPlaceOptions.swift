internal import Arguments
internal import Ledger
internal import Messages
internal import Stores

/// The options that name a file or folder of stores, wherever it lies.
struct GivenPlaceOptions: ParameterSet {
  /// The value of the option `--from`; nil where it is not given.
  let path: Parameter<String?>
  /// The value of the option `--format`; nil where it is not given.
  let format: Parameter<StoreFormat?>

  /// Declares both options.
  init(declaring declare: inout Declarations) {
    path = declare.optional(
      "from", ValueType.file.named("PATH"),
      help: """
        A file or folder of another library's stores, wherever it lies, instead of \
        --user-data-dir; --user names its user, --collection the collection
        """)
    format = declare.optional(
      "format", .storeFormat, otherwise: "the first format that finds a store",
      help: "The format of what --from names; docs/SOURCES.md lists the formats")
  }
}

extension ParsedArguments where Parameters == GivenPlaceOptions {
  /// Returns the place that `--from` names; nil where it is not given.
  ///
  /// Refuses `--from` without one `--user`, and `--format` without `--from`.
  ///
  /// - Parameter command: the words of the command, for messages.
  func place(of command: [String], _ selection: StoreSelection) throws(UsageError) -> GivenPlace? {
    guard let path = self.path else {
      if self.format == nil { return nil }
      throw UsageError(path: command, fault: .dependent(flag: "--format", on: "--from"))
    }
    guard !selection.users.isEmpty else {
      throw UsageError(path: command, fault: .dependent(flag: "--from", on: "--user"))
    }
    guard selection.users.count == 1, Self.isName(selection.users[0]) else {
      throw UsageError(
        path: command,
        fault: .other("with --from, --user is given once and is the name of a user, not a pattern"))
    }
    return GivenPlace(
      path: path, user: selection.users[0], collection: Self.collection(selection),
      format: self.format)
  }

  /// Returns the name for the collection of a place with one store; nil where `--collection` is not
  /// given or selects collections by a pattern.
  private static func collection(_ selection: StoreSelection) -> String? {
    let wanted = selection.collections
    return wanted.count == 1 && isName(wanted[0]) ? wanted[0] : nil
  }

  private static func isName(_ word: String) -> Bool { NamePattern.escaped(word) == word }
}

extension ValueType where Value == StoreFormat {
  /// The type of a format's name.
  static var storeFormat: ValueType {
    let names = StoreFormat.all.map(\.name)
    return ValueType(
      placeholder: "F", completion: .choices(names),
      read: { word throws(ValueFault) in
        guard let format = StoreFormat.all.first(where: { $0.name == word }) else {
          throw .notAmong(names)
        }
        return format
      },
      write: { $0.name })
  }
}
