internal import Digests
internal import Models
package import Stores

extension BackupManifest {
  /// The folders of a store's copy within a run's folder: the user's folder, and in it the folder
  /// of the collection.
  ///
  /// Each folder has the name of the user or of the collection. A `~` is added to a name that a
  /// file of this program may have in the same place, such as `manifest.json`. A `~` is also added
  /// to such a name that already ends in `~`. So no two stores share a folder, and no folder has
  /// the name of a file of this program. Where the `~` would make a name too long for a file
  /// system, and where a name has a slash, the folder's name is a digest of the name, after a prefix
  /// that no other store's folder has.
  package struct Folders: Sendable, Equatable {
    let user: String
    let collection: String

    /// Names the folders that copies are written to now.
    package init(of name: StoreName) {
      user = Self.escaped(name.user) { Self.isTaken($0) }
      collection = Self.escaped(name.collection) { Self.isTaken($0) || Self.isModel($0) }
    }

    /// Names the folders that earlier versions used: these versions added a `~` to fewer names, and
    /// never a second `~`.
    package init(earlier name: StoreName) {
      user = Self.isTaken(name.user) ? "\(name.user)~" : name.user
      collection = Self.isTaken(name.collection) ? "\(name.collection)~" : name.collection
    }

    /// The path of the copy within the run's folder.
    package var path: String { "\(user)/\(collection)" }

    private static func escaped(_ name: String, _ isTaken: (Substring) -> Bool) -> String {
      var stem = name[...]
      while stem.utf8.last == UInt8(ascii: "~") { stem = stem.dropLast() }
      let hasSlash = name.utf8.contains(UInt8(ascii: "/"))
      guard isTaken(stem) || hasSlash else { return name }
      guard hasSlash || name.utf8.count >= longest else { return "\(name)~" }
      let digest = try? SHA256.digest(of: Array(name.utf8))
      return digest.map { "\(FittedModel.sharedPrefix)\($0)" } ?? "\(name)~"
    }

    /// The largest number of bytes that a name may have in the file systems of Linux.
    private static let longest = 255

    /// Returns true for `.` and `..`, and for names that this program gives to files in a run's
    /// folder.
    private static func isTaken(_ name: some StringProtocol) -> Bool {
      [".", "..", "manifest.json", "manifest.json.part"].contains(String(name))
        || name.hasPrefix(FittedModel.sharedPrefix)
    }

    /// Returns true for the names of model files, which are in the user's folder with the
    /// collections.
    private static func isModel(_ name: some StringProtocol) -> Bool {
      name.hasPrefix(FittedModel.prefix) && (name.hasSuffix(".npz") || name.hasSuffix(".npz.part"))
    }
  }
}
