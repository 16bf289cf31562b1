internal import Clock
internal import Digests
internal import JSON
internal import Machine
internal import Stores

extension BackupManifest {
  /// The error for a manifest that is not accepted, with the reason.
  struct Refused: Error {
    let reason: String
  }

  /// The size of the longest manifest that is read; a manifest of 100,000 stores has about 60 MB.
  static let sizeLimit = 256 * 1024 * 1024

  /// Reads a manifest, and accepts only what this program would have written.
  ///
  /// Each name must be a single path component, each folder must follow from its store's name, and
  /// the files must be those of a store. The text must be exactly what writing the value again
  /// would produce: nothing may be added or listed twice.
  init(parsing bytes: [UInt8]) throws {
    guard let value = JSONValue(parsing: bytes) else {
      throw Refused(reason: "the manifest is not valid JSON")
    }
    guard value["format"]?.intValue == 1, let run = value["run"]?.stringValue.flatMap(RunID.init),
      let start = value["started_at"]?.stringValue.flatMap(CalendarTime.init),
      let stores = value["stores"]?.arrayValue
    else { throw Refused(reason: "a field of the manifest is missing or has a wrong form") }
    self.init(run: run, startedAt: start, stores: try stores.map(Store.init(parsing:)))
    var folders: Set<[UInt8]> = []
    for store in self.stores where !folders.insert(Array(store.folder.utf8)).inserted {
      throw Refused(reason: "the manifest lists the store \(store.name) twice")
    }
    guard try Array(json().utf8) == bytes else {
      throw Refused(
        reason: "the manifest was changed after it was written (its checksum or its form differs)")
    }
  }
}

extension BackupManifest.Store {
  fileprivate init(parsing value: JSONValue) throws {
    guard let user = value["user"]?.stringValue, let collection = value["collection"]?.stringValue,
      let source = value["source"]?.stringValue, let files = value["files"]?.arrayValue
    else {
      throw BackupManifest.Refused(
        reason: "in a store's entry, a field is missing or has a wrong form")
    }
    let name = StoreName(user: user, collection: collection)
    guard name.problem == nil, Self.isComponent(user), Self.isCollection(collection) else {
      throw BackupManifest.Refused(reason: "\(name) is not the name of a store")
    }
    let known = [BackupManifest.Folders(of: name), BackupManifest.Folders(earlier: name)]
    guard let folders = known.first(where: { $0.path == value["folder"]?.stringValue }) else {
      throw BackupManifest.Refused(
        reason: "the manifest names a wrong folder for the copy of \(name)")
    }
    self.init(
      name: name, source: source, folders: folders,
      files: try files.map(BackupManifest.File.init(parsing:)),
      format: try Self.format(value), place: try Self.place(value, of: name),
      isGiven: value["given"] == .bool(true))
    guard format.source.isWhole(self.files.map(\.name)) else {
      throw BackupManifest.Refused(reason: "the files of \(name) are not those of a store")
    }
  }

  private static func format(_ value: JSONValue) throws -> StoreFormat {
    guard let name = value["format"] else { return .simple }
    guard let format = StoreFormat.all.first(where: { $0.name == name.stringValue }) else {
      throw BackupManifest.Refused(
        reason: "the manifest names a format of stores that this program does not know")
    }
    return format
  }

  /// Reads the folders that lead from the root to the files of a store: the user's folder, or the
  /// user's folder and one folder in it.
  ///
  /// For a store whose place the operator had named, at most two folders, the first being that of
  /// the place. Returns nil where these folders follow from the store's name.
  private static func place(_ value: JSONValue, of name: StoreName) throws -> [String]? {
    guard let list = value["place"] else { return nil }
    let place = list.arrayValue?.compactMap(\.stringValue) ?? []
    let isGiven = value["given"] == .bool(true)
    guard isGiven || place.first?.utf8.elementsEqual(name.user.utf8) == true, place.count <= 2,
      place.allSatisfy(isComponent)
    else {
      throw BackupManifest.Refused(
        reason: "the files of \(name) did not come from a folder of the store's user")
    }
    return place
  }

  /// Returns true for a name that is a single entry of a directory and cannot lead out of it.
  private static func isComponent(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
      && !name.utf8.contains(0)
  }

  /// Returns true for a text that may be the name of a collection.
  ///
  /// `.` and `..` are allowed: `vector_store_..` does not lead to another folder. So are slashes:
  /// the copy of such a collection is in a folder that is named by a digest.
  private static func isCollection(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains(0)
  }
}

extension BackupManifest.File {
  /// The largest size that a manifest may state: one exbibyte, more than any file that could be
  /// copied.
  private static let sizeLimit = 1 << 60

  fileprivate init(parsing value: JSONValue) throws {
    guard let name = value["name"]?.stringValue, let size = value["bytes"]?.intValue, size >= 0,
      let digest = value["sha256"]?.stringValue.flatMap({ SHA256.Digest(hexadecimal: $0) })
    else {
      throw BackupManifest.Refused(
        reason: "in a file's entry, a field is missing or has a wrong form")
    }
    guard size <= Self.sizeLimit else {
      throw BackupManifest.Refused(
        reason: "the manifest says that \(name) has \(size) bytes, more than a file can have")
    }
    self.init(name: name, size: size, digest: digest)
  }
}
