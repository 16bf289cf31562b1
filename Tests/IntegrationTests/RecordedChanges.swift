import Foundation
import TestSupport

/// The changes of files by a run, in their order, as `Fixtures/failing-calls.c` records them;
/// computes the contents of a disk after a loss of power.
struct RecordedChanges {
  /// One change of a file or folder.
  enum Change: Equatable {
    case create(String)
    case folder(String)
    case remove(String)
    case rename(from: String, to: String)
    case link(from: String, to: String)
    case write(String, place: Int, bytes: [UInt8])
    case resize(String, size: Int)
    case sync(String)
    /// All rows of a COPY were sent: from here on the database may have committed.
    case copied
  }

  /// The part of the writes without a sync that is lost.
  enum Loss: Hashable {
    /// All writes that were not synced.
    case everything
    /// Some of the writes that were not synced, chosen by this seed, and the last changes of
    /// folders.
    case some(UInt64)
  }

  /// The changes, in their order.
  let changes: [Change]
  /// The folder in which the changes were recorded.
  let root: String

  /// Reads a record of changes.
  init(of path: String, root: String) throws {
    self.root = root
    var changes: [Change] = []
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var place = 0
    while place < bytes.count {
      guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      let line = String(decoding: bytes[place..<end], as: UTF8.self)
      let words = line.components(separatedBy: "\t")
      guard words.count == 4, let offset = Int(words[2]), let count = Int(words[3]) else {
        throw OracleError(message: "a record cannot be read: \(line)")
      }
      let content = Array(bytes[(end + 1)..<(end + 1 + count)])
      place = end + 1 + count
      changes.append(try Self.change(words[0], words[1], offset, content))
    }
    self.changes = changes
  }

  private static func change(_ kind: String, _ path: String, _ place: Int, _ bytes: [UInt8]) throws
    -> Change
  {
    switch kind {
    case "create": .create(path)
    case "truncate": .resize(path, size: 0)
    case "folder": .folder(path)
    case "remove": .remove(path)
    case "rename": .rename(from: path, to: String(decoding: bytes, as: UTF8.self))
    case "link": .link(from: path, to: String(decoding: bytes, as: UTF8.self))
    case "write": .write(path, place: place, bytes: bytes)
    case "resize": .resize(path, size: place)
    case "sync": .sync(path)
    case "copied": .copied
    default: throw OracleError(message: "a record says \(kind)")
    }
  }

  /// Writes into `folder` the contents of the disk after `count` changes and a loss.
  func restore(_ count: Int, loss: Loss, to folder: String) throws {
    var disk = Disk(loss: loss)
    for change in changes.prefix(count) { disk.apply(change) }
    let files = FileManager.default
    for (path, content) in disk.contents().sorted(by: { $0.key < $1.key }) {
      let target = folder + path.dropFirst(root.count)
      if let content {
        _ = files.createFile(
          atPath: target, contents: Data(content), attributes: [.posixPermissions: 0o600])
      } else {
        try files.createDirectory(
          atPath: target, withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
      }
    }
  }
}

/// A disk that keeps all synced writes, and the other writes that a loss leaves.
///
/// A file's content is kept once the file is synced; the file's name is kept once its folder is
/// synced.
private struct Disk {
  private struct File {
    var kept: [UInt8] = []
    var pending: [RecordedChanges.Change] = []
  }

  private enum Naming {
    case add(path: String, file: Int?)
    case remove(path: String)
    case move(from: String, to: String)
  }

  private let loss: RecordedChanges.Loss
  private var files: [File] = []
  /// The file of each name as running programs see it; nil for a folder.
  private var names: [String: Int?] = [:]
  private var namings: [(naming: Naming, isKept: Bool)] = []

  init(loss: RecordedChanges.Loss) { self.loss = loss }

  mutating func apply(_ change: RecordedChanges.Change) {
    switch change {
    case .create(let path):
      files.append(File())
      add(path, file: files.count - 1)
    case .folder(let path): add(path, file: nil)
    case .remove(let path):
      names[path] = nil
      namings.append((.remove(path: path), false))
    case .rename(let from, let to):
      let moved = names.keys.filter { $0 == from || $0.hasPrefix(from + "/") }
      for path in moved { names[to + path.dropFirst(from.count)] = names.removeValue(forKey: path) }
      namings.append((.move(from: from, to: to), false))
    case .link(let from, let to):
      if let file = names[from] { add(to, file: file) }
    case .write(let path, _, _), .resize(let path, _):
      if let file = names[path] ?? nil { files[file].pending.append(change) }
    case .sync(let path): sync(path)
    case .copied: break
    }
  }

  private mutating func add(_ path: String, file: Int?) {
    names[path] = .some(file)
    namings.append((.add(path: path, file: file), false))
  }

  private mutating func sync(_ path: String) {
    if let file = names[path] ?? nil {
      for change in files[file].pending { Self.apply(change, to: &files[file].kept) }
      files[file].pending = []
      return
    }
    for index in namings.indices where !namings[index].isKept {
      let changed =
        switch namings[index].naming {
        case .add(let name, _), .remove(let name), .move(_, let name): name
        }
      if (changed as NSString).deletingLastPathComponent == path { namings[index].isKept = true }
    }
  }

  private static func apply(_ change: RecordedChanges.Change, to content: inout [UInt8]) {
    switch change {
    case .write(_, let place, let bytes):
      if content.count < place + bytes.count {
        content += [UInt8](repeating: 0, count: place + bytes.count - content.count)
      }
      content.replaceSubrange(place..<(place + bytes.count), with: bytes)
    case .resize(_, let size):
      content = Array(content.prefix(size))
      content += [UInt8](repeating: 0, count: size - content.count)
    default: break
    }
  }

  /// Returns every file with its content, and every folder with nil, as they are after the next
  /// start.
  func contents() -> [String: [UInt8]?] {
    var files = files
    var last = -1
    if case .some(let seed) = loss {
      var generator = SeededGenerator(seed: seed)
      for index in files.indices {
        for change in files[index].pending where Bool.random(using: &generator) {
          Self.apply(change, to: &files[index].kept)
        }
      }
      last = Int.random(in: -1..<max(0, namings.count), using: &generator)
    }
    var tree: [String: Int?] = [:]
    for (index, naming) in namings.enumerated() where naming.isKept || index <= last {
      Self.apply(naming.naming, to: &tree)
    }
    // Where the name of a folder is lost, all names in the folder are lost.
    let folders = Set(names.keys).union(tree.keys)
    return tree.filter { path, _ in
      Self.parents(of: path).allSatisfy { !folders.contains($0) || tree.keys.contains($0) }
    }.mapValues { file in file.map { files[$0].kept } }
  }

  private static func apply(_ naming: Naming, to tree: inout [String: Int?]) {
    switch naming {
    case .add(let path, let file): tree[path] = .some(file)
    case .remove(let path): tree[path] = nil
    case .move(let from, let to):
      for path in tree.keys where path == from || path.hasPrefix(from + "/") {
        tree[to + path.dropFirst(from.count)] = tree.removeValue(forKey: path)
      }
    }
  }

  private static func parents(of path: String) -> [String] {
    var parents: [String] = []
    var path = (path as NSString).deletingLastPathComponent
    while path.count > 1 {
      parents.append(path)
      path = (path as NSString).deletingLastPathComponent
    }
    return parents
  }
}
