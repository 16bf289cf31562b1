import Clock
import Foundation
import Ledger
import Machine
import Stores
import Synchronization
import TestSupport
import Testing

@testable import Backups

/// A backup of two stores, made as a run makes it, with functions that damage it.
private struct Trial {
  let folder: TemporaryDirectory
  let backup: StoredBackup

  var directory: String { folder.file("migration_backup") }
  var catalogue: BackupCatalogue { BackupCatalogue(directory: directory) }
  var root: String { "\(directory)/\(backup.folder)" }
  var manifest: String { "\(root)/manifest.json" }
  var vectors: String { "\(root)/ann/notes/vectors.pkl" }

  init(size: Int = 3000) throws {
    folder = try TemporaryDirectory("backup")
    for (user, seed) in [("ann", UInt64(1)), ("bob", 2)] {
      var generator = SeededGenerator(seed: seed)
      let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try folder.write(bytes, to: "user_data/\(user)/vector_store_notes/vectors.pkl")
      try folder.write("[\(seed)]", to: "user_data/\(user)/vector_store_notes/metadata.json")
    }
    backup = try Self.make(in: folder)
  }

  @discardableResult
  static func make(in folder: TemporaryDirectory, users: [String] = ["ann", "bob"]) throws
    -> StoredBackup
  {
    let now = CalendarTime.now()
    let directory = folder.file("migration_backup")
    let backup = try BackupFolder(in: directory, startedAt: now)
    for store in try StoreScanner(root: folder.file("user_data")).stores()
    where users.contains(store.name.user) {
      _ = try backup.add(store, expected: try SourceDigest(of: store).bytes)
    }
    let run = RunID()
    try backup.seal(run: run, startedAt: now)
    return try #require(
      try BackupCatalogue(directory: directory).backups().first { $0.manifest?.run == run })
  }

  /// Returns the backup as `backups list` reads it, and as `backups verify` does.
  func look() throws -> (listed: StoredBackup, verified: StoredBackup) {
    let listed = try #require(try catalogue.backups().first)
    return (listed, try catalogue.verified(listed))
  }
}

struct BackupTests {
  @Test func `a folder's name that is too long speaks against its store alone`() throws {
    let folder = try TemporaryDirectory("long")
    let failure = #expect(throws: Failure.self) {
      try BackupFolder.makeDirectory(
        folder.file(String(repeating: "x", count: 256)), mayExist: true)
    }
    #expect(failure?.kind == .source)
    #expect(failure?.remedy?.contains("rename the store's directory") == true)
  }

  @Test func `a sound backup is good, and no mode depends on the umask`() throws {
    let before = umask(0)
    defer { umask(before) }
    let trial = try Trial()
    #expect(try trial.look().verified.state == .good)
    let target = trial.folder.file("restored")
    _ = try BackupRestoration(
      of: trial.backup, to: target, selection: .init()
    ).run()
    for place in [trial.root, target] {
      for path in [""] + (try FileManager.default.subpathsOfDirectory(atPath: place)) {
        var facts = stat()
        #expect(lstat("\(place)/\(path)", &facts) == 0)
        let mode = facts.st_mode & 0o7777
        #expect(mode == (facts.st_mode & S_IFMT == S_IFDIR ? 0o700 : 0o600), "\(path)")
      }
    }
  }

  @Test func `flipped backup bytes are found, every one`() throws {
    let trial = try Trial()
    let files = [
      "ann/notes/vectors.pkl", "ann/notes/metadata.json", "bob/notes/vectors.pkl",
      "manifest.json",
    ].map { "\(trial.root)/\($0)" }
    let seed: UInt64 = 20_250_112
    var generator = SeededGenerator(seed: seed)
    let flips = Oracle.isFullRun ? 1000 : 50
    for _ in 0..<flips {
      let url = URL(fileURLWithPath: try #require(files.randomElement(using: &generator)))
      let original = try Data(contentsOf: url)
      var bytes = original
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
      try bytes.write(to: url)
      #expect(try trial.look().verified.state == .bad, "seed \(seed): \(url.path) byte \(place)")
      try original.write(to: url)
    }
    #expect(try trial.look().verified.state == .good)
    FaultLog.note("forged manifest", flips, "flipped bytes, found")
  }

  /// Returns forged manifests with correct checksums, each with its name.
  private static func forged(_ manifest: BackupManifest) throws -> [(String, String)] {
    let ann = try #require(manifest.stores.first)
    func named(_ user: String, _ collection: String) throws -> String {
      let name = StoreName(user: user, collection: collection)
      let store = BackupManifest.Store(
        name: name, source: ann.source, folders: .init(of: name), files: ann.files)
      return try BackupManifest(
        run: manifest.run, startedAt: manifest.startedAt, stores: [store]
      ).json()
    }
    func filed(_ names: [String]) throws -> String {
      let files = names.map { BackupManifest.File(name: $0, size: 1, digest: ann.files[0].digest) }
      let store = BackupManifest.Store(
        name: ann.name, source: ann.source, folders: ann.folders, files: files)
      return try BackupManifest(
        run: manifest.run, startedAt: manifest.startedAt, stores: [store]
      ).json()
    }
    func placed(_ place: [String]) throws -> String {
      var store = ann
      store.place = place
      return try BackupManifest(
        run: manifest.run, startedAt: manifest.startedAt, stores: [store]
      ).json()
    }
    let twice = BackupManifest(
      run: manifest.run, startedAt: manifest.startedAt, stores: [ann, ann])
    let text = try manifest.json()
    return [
      ("a user above", try named("..", "notes")), ("a user here", try named(".", "notes")),
      ("a path as user", try named("ann/../..", "notes")), ("absolute", try named("/etc", "notes")),
      ("a path as collection", try named("ann", "../../bob/notes")),
      ("no user", try named("", "notes")), ("a NUL", try named("a\0b", "notes")),
      ("a place of another user", try placed(["bob", "vector_store_notes"])),
      ("a place above", try placed(["ann", ".."])), ("a place here", try placed(["ann", "."])),
      ("a path as place", try placed(["ann", "../bob"])), ("no place", try placed([])),
      ("a place too deep", try placed(["ann", "a", "b"])),
      ("a NUL in a place", try placed(["ann", "a\0b"])),
      ("a file above", try filed(["../x", "metadata.json"])),
      ("an absolute file", try filed(["/etc/passwd", "metadata.json"])),
      ("an extra file", try filed(["vectors.pkl", "metadata.json", ".bashrc"])),
      ("a file twice", try filed(["vectors.pkl", "vectors.pkl"])),
      ("a file too few", try filed(["vectors.pkl"])), ("a store twice", try twice.json()),
      ("another folder", text.replacing("\"ann/notes\"", with: "\"bob/notes\"")),
      ("a member more", text.replacing("\"format\": 1,", with: "\"format\": 1, \"x\": 1,")),
      ("a member twice", text.replacing("\"format\": 1,", with: "\"format\": 1, \"format\": 1,")),
      ("no checksum", String(text.prefix { $0 != "c" })), ("nothing", ""), ("no JSON", "[[[[[["),
      ("half an escape", text.replacing("notes", with: "\\ud800")),
      ("deep", String(repeating: "[", count: 100_000)),
    ]
  }

  @Test func `forged manifest: nothing of it is believed`() throws {
    let trial = try Trial()
    let manifest = try #require(trial.backup.manifest)
    for (what, text) in try Self.forged(manifest) {
      try text.write(toFile: trial.manifest, atomically: false, encoding: .utf8)
      let (listed, verified) = try trial.look()
      #expect(listed.state == .bad, "\(what)")
      #expect(verified.state == .bad, "\(what)")
      #expect(throws: Failure.self, "\(what)") {
        try BackupRestoration(
          of: listed, to: trial.folder.file("restored"), selection: .init()
        ).run()
      }
    }
    #expect(!FileManager.default.fileExists(atPath: trial.folder.file("restored")))
  }

  @Test func `a store whose folder does not follow from its name goes back to where it was`() throws
  {
    let trial = try Trial()
    let manifest = try #require(trial.backup.manifest)
    var stores = manifest.stores
    stores[0].place = ["ann", "my notes"]
    let text = try BackupManifest(
      run: manifest.run, startedAt: manifest.startedAt, stores: stores
    ).json()
    try text.write(toFile: trial.manifest, atomically: false, encoding: .utf8)
    let (listed, verified) = try trial.look()
    #expect(listed.manifest?.stores == stores && verified.state == .good)
    let target = trial.folder.file("restored")
    _ = try BackupRestoration(of: listed, to: target, selection: .init()).run()
    for file in stores[0].files {
      #expect(FileManager.default.fileExists(atPath: "\(target)/ann/my notes/\(file.name)"))
    }
    let found = try StoreScanner(root: target).stores()
    #expect(found.map(\.name) == manifest.stores.dropFirst().map(\.name), "the rest as ever")
  }

  private static let intruders = [
    "extra file", "extra folder", "link to a file", "link to a folder", "pipe", "link to the run",
    "missing file", "longer", "shorter",
  ]

  @Test(arguments: intruders)
  func `what does not belong into a backup makes it bad`(what: String) throws {
    let trial = try Trial()
    let outside = try trial.folder.write("canary", to: "outside/vectors.pkl")
    let files = FileManager.default
    switch what {
    case "extra file":
      try trial.folder.write("x", to: "migration_backup/\(trial.backup.folder)/ann/notes/x")
    case "extra folder":
      try trial.folder.write("x", to: "migration_backup/\(trial.backup.folder)/eve/notes/x")
    case "link to a file":
      try files.removeItem(atPath: trial.vectors)
      try files.createSymbolicLink(atPath: trial.vectors, withDestinationPath: outside)
    case "link to a folder":
      try files.moveItem(atPath: "\(trial.root)/ann", toPath: trial.folder.file("moved"))
      try files.createSymbolicLink(
        atPath: "\(trial.root)/ann", withDestinationPath: trial.folder.file("moved"))
    case "link to the run":
      try files.moveItem(atPath: trial.root, toPath: trial.folder.file("moved"))
      try files.createSymbolicLink(
        atPath: trial.root, withDestinationPath: trial.folder.file("moved"))
    case "pipe":
      try files.removeItem(atPath: trial.vectors)
      #expect(mkfifo(trial.vectors, 0o600) == 0)
    case "missing file": try files.removeItem(atPath: trial.vectors)
    case "longer": #expect(truncate(trial.vectors, 3001) == 0)
    default: #expect(truncate(trial.vectors, 2999) == 0)
    }
    let (listed, verified) = try trial.look()
    #expect(listed.state == .bad, "\(listed)")
    #expect(verified.state == .bad)
  }

  @Test func `a backup without a manifest is unfinished and is not restored`() throws {
    let trial = try Trial()
    try FileManager.default.removeItem(atPath: trial.manifest)
    #expect(try trial.look().verified.state == .unfinished)
    #expect(throws: Failure.self) {
      try BackupRestoration(
        of: try trial.look().listed, to: trial.folder.file("restored"), selection: .init())
    }
  }

  @Test func `restore overwrites nothing that differs, and takes what is the same`() throws {
    let trial = try Trial()
    let target = trial.folder.file("restored")
    let restoration = try BackupRestoration(of: trial.backup, to: target, selection: .init())
    #expect(try restoration.run().map(\.files) == [2, 2])
    #expect(try restoration.run().map(\.files) == [0, 0])
    try trial.folder.write("mine", to: "restored/bob/vector_store_notes/metadata.json")
    try FileManager.default.removeItem(atPath: "\(target)/ann")
    #expect(throws: Failure.self) { try restoration.run() }
    #expect(!FileManager.default.fileExists(atPath: "\(target)/ann"))
    #expect(throws: Failure.self) {
      try BackupRestoration(of: trial.backup, to: trial.directory, selection: .init()).run()
    }
  }

  /// Exchanges an entry for a link and back, again and again, while `body` runs.
  private func race(_ path: String, link: String, while body: () throws -> Void) rethrows {
    let stop = Mutex(false)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let real = "\(path).real"
      while !stop.withLock({ $0 }) {
        rename(path, real)
        symlink(link, path)
        unlink(path)
        rename(real, path)
      }
      done.signal()
    }
    defer {
      stop.withLock { $0 = true }
      done.wait()
    }
    try body()
  }

  @Test func `symlink that leaves the tree: races with links end inside, or refused`() throws {
    let trial = try Trial()
    let outside = trial.folder.file("outside")
    try trial.folder.write("canary", to: "outside/vector_store_notes/vectors.pkl")
    let before = try trial.folder.contents(of: "outside")
    let target = trial.folder.file("restored")
    var outcomes = (restored: 0, refused: 0)
    for _ in 0..<(Oracle.isFullRun ? 200 : 10) {
      try? FileManager.default.removeItem(atPath: target)
      try FileManager.default.createDirectory(
        atPath: "\(target)/ann", withIntermediateDirectories: true)
      race("\(target)/ann", link: outside) {
        do {
          _ = try BackupRestoration(of: trial.backup, to: target, selection: .init()).run()
          outcomes.restored += 1
        } catch { outcomes.refused += 1 }
      }
      #expect(try trial.folder.contents(of: "outside") == before)
    }
    #expect(outcomes.restored + outcomes.refused > 0, "\(outcomes)")
    FaultLog.note(
      "symlink, FIFO, hard link that leaves the tree", outcomes.restored + outcomes.refused,
      "races of a link with a restore")
  }

  @Test func `symlink that leaves the tree: no copy ever holds what lies outside`() throws {
    let folder = try TemporaryDirectory("race")
    let canary = try folder.write("canary", to: "outside/vectors.pkl")
    let path = try folder.write("inside", to: "user_data/ann/vector_store_notes/vectors.pkl")
    try folder.write("[]", to: "user_data/ann/vector_store_notes/metadata.json")
    var copied = 0
    let rounds = Oracle.isFullRun ? 200 : 10
    race(path, link: canary) {
      for _ in 0..<rounds {
        guard
          let store = try? StoreScanner(root: folder.file("user_data")).stores().first,
          let backup = try? BackupFolder(in: folder.file("copies"), startedAt: .now()),
          let digest = try? SourceDigest(of: store),
          (try? backup.add(store, expected: digest.bytes)) != nil
        else { continue }
        copied += 1
      }
    }
    for (path, bytes) in try folder.contents(of: "copies") {
      #expect(bytes.range(of: Data("canary".utf8)) == nil, "\(path) of \(copied) copies")
    }
    FaultLog.note(
      "symlink, FIFO, hard link that leaves the tree", rounds, "races of a link with a backup")
  }

  @Test func `prune never takes the only good copy of a store`() throws {
    let trial = try Trial()
    let second = try Trial.make(in: trial.folder, users: ["ann"])
    let pruning = try BackupPruning(trial.catalogue, rules: .init(keep: 1))
    #expect(try pruning.plan().goes.isEmpty)
    #expect(
      try pruning.plan().spared.map(\.reason) == [
        "this backup holds the only good copy of bob/notes"
      ])
    let third = try Trial.make(in: trial.folder)
    let plan = try pruning.plan()
    #expect(plan.goes.map(\.folder) == [trial.backup.folder, second.folder])
    // One byte of the newest copy is flipped, which only a complete reading shows: the older copy
    // stays.
    let path = "\(trial.directory)/\(third.folder)/bob/notes/vectors.pkl"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[7] ^= 4
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try pruning.plan().goes.map(\.folder) == [second.folder])
    for backup in try pruning.plan().goes { try pruning.remove(backup) }
    #expect(try trial.catalogue.backups().map(\.folder) == [third.folder, trial.backup.folder])
    #expect(try BackupPruning(trial.catalogue, rules: .init(olderThanDays: 1)).plan().goes.isEmpty)
    #expect(throws: Failure.self) { try BackupPruning(trial.catalogue, rules: .init()) }
  }

  @Test func `prune keeps what a store holds and what it held before`() throws {
    let trial = try Trial()
    func write(_ text: String) throws {
      try trial.folder.write(text, to: "user_data/ann/vector_store_notes/metadata.json")
    }
    try Trial.make(in: trial.folder)
    try write("[\"second\"]")
    let second = try Trial.make(in: trial.folder)
    let pruning = try BackupPruning(trial.catalogue, rules: .init(keep: 1))
    // Of two copies of the first version the older one is removed; a rollback needs the other one.
    var plan = try pruning.plan()
    #expect(plan.goes.map(\.folder) == [trial.backup.folder])
    #expect(
      plan.spared.map(\.reason) == [
        "this backup holds the only good copy of ann/notes in its earlier state, which rollback --restore needs"
      ])
    try write("[\"third\"]")
    let third = try Trial.make(in: trial.folder)
    plan = try pruning.plan()
    #expect(plan.goes.count == 2)
    #expect(plan.spared.map(\.backup.folder) == [second.folder])
    // Where the newest copy cannot be read, the two copies before it count.
    #expect(truncate("\(trial.directory)/\(third.folder)/ann/notes/metadata.json", 1) == 0)
    plan = try pruning.plan()
    #expect(plan.goes.map(\.folder) == [trial.backup.folder, third.folder])
    #expect(throws: Failure.self) { try BackupPruning(trial.catalogue, rules: .init(keep: 0)) }
  }

  @Test func `prune follows no link`() throws {
    let trial = try Trial()
    try Trial.make(in: trial.folder)
    let outside = try trial.folder.write("canary", to: "outside/file")
    try FileManager.default.createSymbolicLink(
      atPath: "\(trial.root)/ann/link", withDestinationPath: trial.folder.file("outside"))
    let pruning = try BackupPruning(trial.catalogue, rules: .init(keep: 1))
    try pruning.remove(try #require(try trial.catalogue.backups().last))
    #expect(!FileManager.default.fileExists(atPath: trial.root))
    #expect(FileManager.default.fileExists(atPath: outside))
  }
}

extension TemporaryDirectory {
  /// Returns every file below a folder with its bytes.
  fileprivate func contents(of name: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in (try? FileManager.default.subpathsOfDirectory(atPath: file(name))) ?? [] {
      files[path] = FileManager.default.contents(atPath: "\(file(name))/\(path)") ?? Data()
    }
    return files
  }
}
