import Files
import Foundation
import Glibc
import Stores
import TestSupport
import Testing

@Suite("StoreScanner")
struct StoreScannerTests {
  /// Creates a directory with stores of nearly empty files.
  private func tree(_ folders: [String]) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory("scan")
    for folder in folders {
      try directory.write("v", to: "data/\(folder)/vectors.pkl")
      try directory.write("[]", to: "data/\(folder)/metadata.json")
    }
    return directory
  }

  private func reason(_ store: FoundStore?) -> String {
    if case .unreadable(let reason) = store?.state { return reason }
    return "no reason"
  }

  @Test("stores are found by any name a directory may have, in the order of bytes")
  func names() throws {
    let users = ["Zoë", "a b", "a\nb", "it's \"me\"", "ünï", "😀", "-rf", "alice", "~", "*", "a\\b"]
    let collections = ["x", "with space", "new\nline", "a_b-c.d", "vector_store_x", "日本"]
    let directory = try tree(
      users.flatMap { user in collections.map { "\(user)/vector_store_\($0)" } })
    let data = directory.file("data")
    let stores = try StoreScanner(root: data).stores()
    #expect(stores.count == users.count * collections.count)
    #expect(stores.map(\.name) == stores.map(\.name).sorted())
    #expect(Set(stores.map { $0.name.user }) == Set(users))
    #expect(Set(stores.map { $0.name.collection }) == Set(collections))
    for store in stores {
      #expect(store.state == .complete && store.refusal == nil)
      #expect(store.files.map(\.name) == ["vectors.pkl", "metadata.json"])
      #expect(store.files.map(\.size) == [1, 2] && store.size == 3)
      #expect(store.path == "\(data)/\(store.name.user)/vector_store_\(store.name.collection)")
      #expect(FileManager.default.fileExists(atPath: store.path))
      #expect(try store.open().facts(named: "vectors.pkl")?.size == 1)
    }
  }

  @Test("two users whose names differ only in normalisation are two users")
  func normalisation() throws {
    let directory = try tree([])
    for user in ["caf\u{E9}", "cafe\u{301}"] {
      // The folders are made by their bytes, because Foundation may normalize paths.
      let folder = "\(directory.path)/data/\(user)/vector_store_a"
      for path in [directory.file("data"), "\(directory.path)/data/\(user)", folder] {
        mkdir(path, 0o700)
      }
      for name in ["vectors.pkl", "metadata.json"] {
        close(open("\(folder)/\(name)", O_CREAT | O_WRONLY, 0o600))
      }
    }
    let stores = try StoreScanner(root: directory.file("data")).stores()
    #expect(stores.count == 2 && stores[0] != stores[1])
  }

  @Test("files that are missing make a store incomplete, by name")
  func incomplete() throws {
    let directory = try tree(["a/vector_store_x", "b/vector_store_x", "c/vector_store_x"])
    for path in ["a", "c"] { unlink(directory.file("data/\(path)/vector_store_x/vectors.pkl")) }
    for path in ["b", "c"] { unlink(directory.file("data/\(path)/vector_store_x/metadata.json")) }
    let stores = try StoreScanner(root: directory.file("data")).stores()
    #expect(
      stores.map(\.state) == [
        .incomplete(missing: ["vectors.pkl"]), .incomplete(missing: ["metadata.json"]),
        .incomplete(missing: ["vectors.pkl", "metadata.json"]),
      ])
    #expect(stores[0].refusal?.description.contains("vectors.pkl is missing; restore") == true)
    #expect(stores[1].files.map(\.name) == ["vectors.pkl"])
  }

  @Test("a store in a hidden folder is named, and not read; other hidden things are nobody's")
  func hidden() throws {
    let directory = try tree([
      "a/vector_store_x", ".ann/vector_store_x", ".cache/other/vector_store_y", "a/.vector_store_z",
    ])
    symlink("a", directory.file("data/.link"))
    mkfifo(directory.file("data/.pipe"), 0o600)
    let stores = try StoreScanner(
      root: directory.file("data"), excluding: [directory.file("data/.backups")]
    ).stores()
    #expect(stores.map { "\($0.name)" } == [".ann/x", "a/x"])
    let refusal = try #require(stores[0].refusal)
    #expect(refusal.file == "\(directory.file("data"))/.ann/vector_store_x")
    #expect(refusal.problem.contains("begins with a dot"), "\(refusal)")
    #expect(refusal.problem.contains("rename the folder"), "\(refusal)")
  }

  @Test("what is unrelated is ignored quietly")
  func unrelated() throws {
    let directory = try tree([
      "a/vector_store_x", "a/.vector_store_y", "a/other/vector_store_z",
      "lost+found/vector_store_x",
    ])
    try directory.write("", to: "data/README")
    try directory.write("", to: "data/a/vector_store_file")
    try directory.write("", to: "data/a/profile.json")
    mkfifo(directory.file("data/pipe"), 0o600)
    mkfifo(directory.file("data/a/vector_store_pipe"), 0o600)
    symlink("../data/README", directory.file("data/link-to-a-file"))
    let stores = try StoreScanner(root: directory.file("data")).stores()
    #expect(stores.map { "\($0.name)" } == ["a/x"])
  }

  @Test("an empty root has no stores; a missing one, or a file, is an error with its remedy")
  func roots() throws {
    let directory = try TemporaryDirectory("scan")
    #expect(try StoreScanner(root: directory.path).stores().isEmpty)
    let file = try directory.write("", to: "file")
    for root in [directory.file("nothing"), file] {
      let error = #expect(throws: StoreError.self) { try StoreScanner(root: root).stores() }
      #expect(error?.file == root && error?.remedy.contains("--user-data-dir") == true)
    }
  }

  @Test(
    "the root may be a symbolic link and be written with slashes at its end", arguments: ["", "//"])
  func rootLink(slashes: String) throws {
    let directory = try tree(["a/vector_store_x"])
    symlink("data", directory.file("link"))
    let stores = try StoreScanner(root: directory.file("link") + slashes).stores()
    #expect(stores.map(\.path) == [directory.file("link/a/vector_store_x")])
    #expect(try stores.first?.open().facts(named: "metadata.json") != nil)
  }

  @Test("symbolic links below the root are reported and not followed")
  func links() throws {
    let directory = try tree(["a/vector_store_x", "b/vector_store_x", "e/vector_store_y"])
    try directory.write("canary", to: "outside/vector_store_x/vectors.pkl")
    try directory.write("[]", to: "outside/vector_store_x/metadata.json")
    let data = directory.file("data")
    symlink("../outside", "\(data)/c")
    symlink("../../outside/vector_store_x", "\(data)/a/vector_store_y")
    unlink("\(data)/b/vector_store_x/vectors.pkl")
    symlink("../../../outside/vector_store_x/vectors.pkl", "\(data)/b/vector_store_x/vectors.pkl")
    symlink("nowhere", "\(data)/d")
    let stores = try StoreScanner(root: data).stores()
    #expect(stores.map { "\($0.name)" } == ["a/x", "a/y", "b/x", "c", "d", "e/y"])
    for store in stores where !["a/x", "e/y"].contains("\(store.name)") {
      #expect(reason(store).contains("is a symbolic link, which is not followed"), "\(store.name)")
      #expect(store.files.isEmpty)
    }
    #expect(reason(stores.first { $0.name.user == "b" }).hasPrefix("vectors.pkl is a symbolic"))
  }

  @Test("pipes and directories in place of files are reported, never opened")
  func special() throws {
    let directory = try tree(["a/vector_store_x", "b/vector_store_x"])
    let data = directory.file("data")
    unlink("\(data)/a/vector_store_x/vectors.pkl")
    unlink("\(data)/b/vector_store_x/metadata.json")
    // Opening a pipe that nobody writes to would never return.
    mkfifo("\(data)/a/vector_store_x/vectors.pkl", 0o600)
    mkdir("\(data)/b/vector_store_x/metadata.json", 0o700)
    let stores = try StoreScanner(root: data).stores()
    #expect(reason(stores[0]).hasPrefix("vectors.pkl is a named pipe"))
    #expect(reason(stores[1]).hasPrefix("metadata.json is a directory"))
  }

  @Test("names that no row can carry are reported with their remedy")
  func badNames() throws {
    let directory = try tree(["a/vector_store_"])
    let data = directory.file("data")
    // U+0001 stands for a byte that is not valid in UTF-8.
    for path in ["a/vector_store_\u{1}", "b\u{1}", "b\u{1}/vector_store_x"] {
      let bytes = "\(data)/\(path)".utf8.map { CChar(bitPattern: $0 == 1 ? 0xFF : $0) } + [0]
      #expect(mkdir(bytes, 0o700) == 0)
    }
    let stores = try StoreScanner(root: data).stores()
    #expect(stores.map { "\($0.name)" } == ["a", "a/\\xff", "b\\xff/x"])
    #expect(reason(stores.first) == "the collection name is empty; rename the directory")
    for store in stores.dropFirst() {
      #expect(reason(store) == "the name is not UTF-8; rename the directory")
    }
    #expect(stores.last?.path == "\(data)/b\\xff/vector_store_x")
  }

  @Test("the backup directory is not scanned, whatever path names it")
  func excluding() throws {
    let directory = try tree(["a/vector_store_x", "backup/vector_store_x", "b/vector_store_bak"])
    let data = directory.file("data")
    symlink("data/backup", directory.file("link"))
    symlink("backup", "\(data)/same")
    for path in ["\(data)/backup", "\(data)/../data/backup/", directory.file("link")] {
      let excluding = [path, "\(data)/b/vector_store_bak", directory.file("not there yet")]
      let stores = try StoreScanner(root: data, excluding: excluding).stores()
      #expect(stores.map { "\($0.name)" } == ["a/x"])
    }
    #expect(try StoreScanner(root: data).stores().count == 4)
  }
}
