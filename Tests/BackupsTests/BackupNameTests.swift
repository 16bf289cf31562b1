import Models
import Stores
import Testing

@testable import Backups

/// Tests the names of folders and files in a run's backup.
@Suite struct BackupNameTests {
  @Test(arguments: [
    (".", ".~"), ("..", "..~"), ("manifest.json", "manifest.json~"), ("a b", "a b"),
  ])
  func `no store's name leads out of its backup`(name: String, folder: String) {
    #expect(BackupManifest.Folders(of: StoreName(user: name, collection: name)).user == folder)
  }

  @Test func `a model's file name fits every file system`() {
    let long = String(repeating: "é", count: 127)
    let name = FittedModel.fileName(of: StoreName(user: long, collection: long))
    #expect(name.utf8.count <= 255)
    #expect(name.hasPrefix("pca_model_") && name.hasSuffix(".npz"))
    #expect(
      FittedModel.fileName(of: StoreName(user: "u", collection: "c")) == "pca_model_c_u.npz")
  }
}
