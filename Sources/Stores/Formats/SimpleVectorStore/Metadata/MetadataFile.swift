internal import Digests
internal import Files
internal import JSON

/// A store's `metadata.json`, which can be read several times and is decrypted where it is
/// encrypted.
struct MetadataFile {
  let handle: InputFile
  private let user: String
  private let keys: KeyRing
  private let limits: JSONLimits

  init(_ handle: InputFile, user: String, keys: KeyRing, options: ReadOptions) {
    self.handle = handle
    self.user = user
    self.keys = keys
    var limits = JSONLimits()
    limits.escapesUnstorable = options.escapeNUL
    self.limits = limits
  }

  /// Finds the problem that the holes or the first bytes of a file show; nil where these show none,
  /// although the file may still be unreadable.
  static func problem(of handle: InputFile) -> String? {
    if let refusal = handle.refusalOfHoles {
      return "\(refusal.place ?? ""): \(refusal.problem)"
    }
    if let kind = try? ForeignKind(handle) {
      return kind.refusal(.metadata, handle.path).problem
    }
    do {
      switch try MetadataContent.form(of: FileByteSource(handle)) {
      case .array, .token: return nil
      case .empty: return "it is empty"
      case .other: return FernetError.notAToken.problem
      }
    } catch {
      return (error as? JSONError).map { "\($0.reason)" }
    }
  }

  /// Opens a reader at the first entry; authenticates all of an encrypted file first.
  func open() throws(StoreError) -> (reader: JSONEntryReader, isEncrypted: Bool) {
    if let refusal = handle.refusalOfHoles { throw refusal }
    if let kind = try ForeignKind(handle) { throw kind.refusal(.metadata, handle.path) }
    do {
      let source = FileByteSource(handle)
      let content = try MetadataContent(opening: source, directory: user, keys: keys)
      return (JSONEntryReader(content.json, limits: limits), content.isEncrypted)
    } catch {
      throw refusal(error)
    }
  }

  /// Fills `entry` with a reader's next entry; false after the last.
  func next(_ reader: JSONEntryReader, into entry: inout JSONEntry) throws(StoreError) -> Bool {
    do {
      return try reader.next(into: &entry)
    } catch {
      throw refusal(error)
    }
  }

  /// Creates the refusal for an error from reading, decrypting or parsing the file.
  func refusal(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError:
      return error
    case let error as JSONError:
      let place = error.entry.map { "entry \($0), \(error.position)" } ?? "\(error.position)"
      return StoreError(
        .metadata, file: handle.path, place: place, problem: "\(error.reason)", remedy: "")
    case let error as FernetError:
      return StoreError(
        error == .changed ? .changed : .encryption, file: handle.path,
        problem: error.problem(hasMasterKey: keys.hasMasterKey), remedy: error.remedy)
    case let error as CryptoError:
      return StoreError(.encryption, file: handle.path, problem: "\(error)", remedy: "")
    default:
      return StoreError(.file, file: handle.path, problem: "\(error)", remedy: "")
    }
  }
}
