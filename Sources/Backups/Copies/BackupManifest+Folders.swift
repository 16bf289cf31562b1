internal import Digests
internal import Models
package import Stores

extension BackupManifest {
  /// Where a store's copy lies in a run's folder: the user's folder, and the collection's in it.
  ///
  /// Both are the names themselves, save for those that our own files beside them have or may get,
  /// which get a `~`; and so do those names with a `~` already, however many: no two stores share a
  /// folder, and no store's folder stands where one of our files goes. Where that `~` makes a name
  /// too long for a file system, a digest of the name stands in its place, behind a beginning that
  /// no other store's folder has.
  package struct Folders: Sendable, Equatable {
    let user: String
    let collection: String

    /// Where copies go now.
    package init(of name: StoreName) {
      user = Self.escaped(name.user) { Self.isTaken($0) }
      collection = Self.escaped(name.collection) { Self.isTaken($0) || Self.isModel($0) }
    }

    /// Where earlier versions put them: a `~` behind fewer names, and never a second one.
    package init(earlier name: StoreName) {
      user = Self.isTaken(name.user) ? "\(name.user)~" : name.user
      collection = Self.isTaken(name.collection) ? "\(name.collection)~" : name.collection
    }

    /// The way from the run's folder.
    package var path: String { "\(user)/\(collection)" }

    private static func escaped(_ name: String, _ isTaken: (Substring) -> Bool) -> String {
      var stem = name[...]
      while stem.utf8.last == UInt8(ascii: "~") { stem = stem.dropLast() }
      guard isTaken(stem) else { return name }
      guard name.utf8.count >= longest else { return "\(name)~" }
      let digest = try? SHA256.digest(of: Array(name.utf8))
      return digest.map { "\(FittedModel.sharedPrefix)\($0)" } ?? "\(name)~"
    }

    /// The most bytes that a name has in the file systems of Linux.
    private static let longest = 255

    /// What leads elsewhere, and the names of our own files in a run's folder.
    private static func isTaken(_ name: some StringProtocol) -> Bool {
      [".", "..", "manifest.json", "manifest.json.part"].contains(String(name))
        || name.hasPrefix(FittedModel.sharedPrefix)
    }

    /// The names of models, which lie beside a user's collections.
    private static func isModel(_ name: some StringProtocol) -> Bool {
      name.hasPrefix(FittedModel.prefix) && (name.hasSuffix(".npz") || name.hasSuffix(".npz.part"))
    }
  }
}
