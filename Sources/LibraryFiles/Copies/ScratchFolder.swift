internal import Files
internal import Glibc

/// A folder for copies, which only this account can enter, and which is removed with its contents.
///
/// The folder is below `TMPDIR`, or below `/tmp` where this variable is not set.
struct ScratchFolder: ~Copyable {
  let path: String
  private(set) var isRemoved = false

  init() throws(FileError) {
    let place = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    var template = Array("\(place ?? "/tmp")/vector-ferry-copy-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
    }
    let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard isMade else {
      throw FileError(
        .file, file: name, problem: "cannot be made: \(String(cString: strerror(errno)))",
        remedy: "set TMPDIR to a folder that can be written to")
    }
    path = name
  }

  /// Removes the folder and its files; open files stay readable.
  mutating func remove() {
    if isRemoved { return }
    isRemoved = true
    Self.remove(path)
  }

  deinit { if !isRemoved { Self.remove(path) } }

  private static func remove(_ path: String) {
    if let folder = try? Directory(path: path), let names = try? folder.entryNames() {
      for name in names { _ = try? folder.removeFile(named: String(decoding: name, as: UTF8.self)) }
    }
    rmdir(path)
  }

  /// Copies a whole file into the folder.
  func copy(_ file: InputFile, as name: String) throws(FileError) {
    let target = try Directory(path: path).createFile(named: name)
    let failure: FileError?
    do {
      try file.forEachChunk { try target.write($0) }
      failure = nil
    } catch let error as FileError {
      failure = error
    } catch let error as SystemFailure {
      failure = FileError(
        .file, file: "\(path)/\(name)",
        problem: "the copy of \(file.path) cannot be written: "
          + String(cString: strerror(error.code)),
        remedy: "make room there, or set TMPDIR to another folder")
    } catch {
      failure = FileError(.file, file: file.path, problem: "\(error)", remedy: "")
    }
    if let failure { throw failure }
  }
}
