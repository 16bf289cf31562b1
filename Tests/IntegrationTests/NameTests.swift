import Foundation
import TestSupport
import Testing

/// Tests that no store's name can be the name of one of the program's own files.
@Suite(.needsServer)
struct NameTests {
  @Test func `no store shares its backup's folder with another or with our own files`() throws {
    let ferry = try Ferry()
    var stores = ["manifest.json", "manifest.json~", "manifest.json~~", "pca_model_shared_8_4.npz"]
      .map { ($0, "notes") }
    stores += [
      ("a", "x"), ("a", "pca_model_x_a.npz"), ("a", "pca_model_x_a.npz~"),
      ("a", "pca_model_x_a.npz.part"),
    ]
    for (index, (user, collection)) in stores.enumerated() {
      try ferry.writeStore(
        user: user, collection: collection, rows: Ferry.rows(5, seed: UInt64(index)),
        texts: Ferry.texts(5))
    }
    let outcome = try ferry.run("--dimensions", "4")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let counts = try ferry.counts()
    #expect(counts.count == stores.count && counts.values.allSatisfy { $0 == 5 }, "\(counts)")
    #expect(try ferry.run("backups", "verify").status == 0)
    #expect(try ferry.run("verify", "--against", "backup").status == 0)
    let before = try contents(of: ferry.folder.file("user_data"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    try FileManager.default.createDirectory(
      atPath: ferry.folder.file("user_data"), withIntermediateDirectories: false)
    let rolled = try ferry.run("rollback", "--files", "--yes")
    #expect(rolled.status == 0, "\(rolled.text)\(rolled.errorText)")
    #expect(try contents(of: ferry.folder.file("user_data")) == before)
  }

  @Test func `a name with no room left for what sets it apart is backed up and restored`() throws {
    let ferry = try Ferry()
    let long = "pca_model_shared_".padding(toLength: 255, withPad: "x", startingAt: 0)
    let users = [long, String(long.dropLast()) + "y", String(long.dropLast(1)), "ann"]
    for (index, user) in users.enumerated() {
      try ferry.writeStore(
        user: user, rows: Ferry.rows(5, seed: UInt64(index)), texts: Ferry.texts(5))
    }
    for words in [["--dry-run"], []] {
      let outcome = try ferry.run(command: ["migrate", "--dimensions", "4"] + words)
      #expect(outcome.status == 0, "\(words): \(outcome.text)\(outcome.errorText)")
    }
    #expect(try ferry.counts().count == users.count)
    for words in [["backups", "verify"], ["verify", "--against", "backup"]] {
      let outcome = try ferry.run(command: words)
      #expect(outcome.status == 0, "\(words): \(outcome.text)\(outcome.errorText)")
    }
    let before = try contents(of: ferry.folder.file("user_data"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    try FileManager.default.createDirectory(
      atPath: ferry.folder.file("user_data"), withIntermediateDirectories: false)
    let rolled = try ferry.run("rollback", "--files", "--yes")
    #expect(rolled.status == 0, "\(rolled.text)\(rolled.errorText)")
    #expect(try contents(of: ferry.folder.file("user_data")) == before)
  }

  @Test(arguments: ["user_data/ann/vector_store_backup", "./user_data/ann//vector_store_b/"])
  func `a folder of backups that is named like a store is refused before it is made`(
    place: String
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let before = try contents(of: ferry.folder.file("user_data"))
    for words in [["--dry-run"], []] {
      let outcome = try TestSupport.run(
        Ferry.binary, ["migrate", "--backup-dir", place] + words,
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.errorText.contains("is named like a store"), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("--backup-dir"), "\(outcome.errorText)")
    }
    #expect(try contents(of: ferry.folder.file("user_data")) == before)
  }

  @Test func `a store in a hidden folder is named and the others go on`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.writeStore(user: ".bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
    let scan = try ferry.run("scan")
    #expect(scan.status == 1 && scan.text.contains("begins with a dot"), "\(scan.text)")
    let outcome = try ferry.run()
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(outcome.text.contains("begins with a dot"), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": 5])
  }

  @Test func `scan refuses a map of user ids that is not there or broken`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let missing = try ferry.run("scan", "--user-id-map", "ids.json")
    #expect(missing.status == 3, "\(missing.text)\(missing.errorText)")
    #expect(missing.errorText.contains("--user-id-map ids.json: No such file"))
    for text in ["{", "[]", #"{"ann": 1}"#, #"{"ann": "a", "ann": "b"}"#] {
      try ferry.folder.write(text, to: "ids.json")
      let broken = try ferry.run("scan", "--user-id-map", "ids.json", "--json")
      #expect(broken.status == 3, "\(text): \(broken.text)\(broken.errorText)")
      #expect(broken.errorText.contains("--user-id-map ids.json"), "\(broken.errorText)")
    }
    try ferry.folder.write(#"{"ann": "a"}"#, to: "ids.json")
    #expect(try ferry.run("scan", "--user-id-map", "ids.json").status == 0)
  }
}
