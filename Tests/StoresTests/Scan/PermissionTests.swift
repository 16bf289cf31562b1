import Files
import Foundation
import Glibc
import Stores
import TestSupport
import Testing

@Suite("Permissions")
struct PermissionTests {
  @Test("what may not be read is reported by name, and the other stores go on")
  func denied() throws {
    let directory = try TemporaryDirectory("denied")
    let data = directory.file("data")
    for user in ["a", "b", "c", "d"] {
      try directory.write("v", to: "data/\(user)/vector_store_x/vectors.pkl")
      try directory.write("[]", to: "data/\(user)/vector_store_x/metadata.json")
      chmod("\(data)/\(user)", 0o755)
      chmod("\(data)/\(user)/vector_store_x", 0o755)
    }
    for path in [directory.path, data] { chmod(path, 0o755) }
    let closed = ["b", "c/vector_store_x", "d/vector_store_x/vectors.pkl"]
    for path in closed { chmod("\(data)/\(path)", 0) }
    defer { for path in closed { chmod("\(data)/\(path)", 0o700) } }
    let stores = try asNobody { try StoreScanner(root: data).stores() }
    #expect(stores.map { "\($0.name)" } == ["a/x", "b", "c/x", "d/x"])
    #expect(stores.first?.state == .complete)
    for store in stores.dropFirst() {
      guard case .unreadable(let reason) = store.state else {
        Issue.record("\(store.name) is \(store.state)")
        continue
      }
      #expect(reason.contains("Permission denied; run as a user who may read this entry"))
      #expect(reason.hasPrefix("vectors.pkl") == (store.name.user == "d"))
    }
  }

  /// Runs `body` while this thread, and no other, opens files as another user, because root may
  /// read every file.
  private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    if geteuid() != 0 { return try body() }
    try SystemCalls.setFileUser(65534)
    defer { try? SystemCalls.setFileUser(0) }
    return try body()
  }
}

@Suite("Hard links")
struct HardLinkTests {
  private func store() throws -> (maker: StoreMaker, file: String) {
    let maker = try StoreMaker().write(rows: [[1]], json: #"[{"text": "a"}]"#)
    let file = "\(try maker.found().path)/vectors.pkl"
    #expect(link(file, maker.directory.file("other name")) == 0)
    return (maker, file)
  }

  @Test("a file that shares its content with a snapshot is read")
  func snapshot() throws {
    let (maker, _) = try store()
    #expect(try maker.found().open().openFile(named: "vectors.pkl").facts.links == 2)
    #expect(try maker.refusal() == nil)
  }

  @Test(
    "a file of another owner that has other names is refused",
    .enabled(if: geteuid() == 0, "only root can make such a file"))
  func foreign() throws {
    let (maker, file) = try store()
    chown(file, 65534, 65534)
    guard case .unreadable(let reason) = try maker.found().state else {
      Issue.record("the link was accepted")
      return
    }
    #expect(reason.hasPrefix("vectors.pkl is a hard link to a file of another owner"))
    // With only one name, the file may be read.
    unlink(maker.directory.file("other name"))
    #expect(try maker.refusal() == nil)
  }
}
