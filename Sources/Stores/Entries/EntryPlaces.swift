internal import Digests
internal import Files
internal import JSON

/// The places of a file's objects, found by their keys; some forty bytes an object are kept.
struct EntryPlaces {
  private let path: String
  private var parts: [UUIDValue: FilePart] = [:]
  private var identity = DocumentIdentity(of: StoreName(user: "", collection: ""))

  /// Walks through a file and notes the objects that `walk` finds; refuses a key that occurs twice.
  ///
  /// - Parameter walk: calls its second argument with the key of each object, where the walker stands
  ///   before this object.
  init(
    _ file: JSONFile, _ walk: (JSONWalker, _ place: (String) throws -> Void) throws -> Void
  ) throws(StoreError) {
    path = file.path
    var parts: [UUIDValue: FilePart] = [:]
    var identity = identity
    var entry = JSONEntry()
    try file.walk { walker in
      try walk(walker) { key in
        let range = try walker.entry(parts.count, into: &entry)
        guard let part = FilePart(range) else { throw file.changed }
        let id = try identity.id(sourceID: key, ordinal: 0)
        if parts.updateValue(part, forKey: id) != nil { throw walker.repeatedKey() }
      }
    }
    self.parts = parts
  }

  /// Returns the place of the object with this key; nil where there is none.
  func part(of key: String) throws(StoreError) -> FilePart? {
    var identity = identity
    do {
      return parts[try identity.id(sourceID: key, ordinal: 0)]
    } catch {
      throw StoreError(.file, file: path, problem: "\(error)", remedy: "")
    }
  }
}
