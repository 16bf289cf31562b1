internal import Bounds
internal import Glibc

/// An open regular file, read by offset.
public final class StoreFileHandle: Sendable {
  /// The file as the operator would type it, for messages.
  public let path: String
  /// The facts about the file when it was opened.
  public let facts: FileFacts
  let descriptor: Int32
  let watch: ReadingWatch

  /// Takes over a descriptor; closes and refuses one that is not a regular file's.
  init(adopting descriptor: Int32, path: String) throws(StoreError) {
    var status = stat()
    let code = fstat(descriptor, &status) == 0 ? 0 : errno
    let facts = FileFacts(status)
    guard code == 0, facts.kind == .regular else {
      close(descriptor)
      throw code == 0
        ? StoreDirectory.refusal(facts.kind, path) : StoreDirectory.refusal(code, path)
    }
    self.descriptor = descriptor
    self.path = path
    self.facts = facts
    watch = ReadingWatch(path: path, size: facts.size)
  }

  deinit { close(descriptor) }

  /// Reads from `offset` into the beginning of `buffer` and returns how many bytes were read.
  ///
  /// Fewer than requested means that the file ends there.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(StoreError) -> Int {
    var done = 0
    while done < buffer.count {
      try StopRequest.check()
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, target.baseAddress, target.count, off_t(offset) + off_t(done))
      if count < 0 {
        if errno == EINTR { continue }
        let cause = String(cString: strerror(errno))
        throw StoreError(
          .file, file: path, place: "byte \(offset + Int64(done))",
          problem: "reading failed: \(cause)", remedy: "check the disk and restore from a copy")
      }
      if count == 0 { break }
      done += count
      watch.passed(offset + Int64(done))
    }
    return done
  }

  /// True where less than half of the file uses space on the disk.
  var isMostlyHoles: Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return Int64(status.st_blocks).multipliedSaturated(by: 512) < facts.size / 2
  }

  /// Finds the end of the hole that contains `offset`; returns `offset` itself where there is no
  /// hole, or where the file system does not show holes.
  func endOfHole(at offset: Int) -> Int {
    let next = lseek(descriptor, off_t(offset), Self.seekData)
    if next < 0 { return errno == ENXIO ? max(offset, Int(facts.size)) : offset }
    return Int(next)
  }

  /// The largest file that may have holes: it is read in a few seconds.
  static let mostWithHoles: Int64 = 1 << 30
  /// SEEK_DATA and SEEK_HOLE of Linux, which are missing in the module of the C library.
  private static let seekData: Int32 = 3
  private static let seekHole: Int32 = 4

  /// Why a text file is not read: a part of it was never written and reads as zeros, although the
  /// file is long; nil where there is no objection.
  var refusalOfHoles: StoreError? {
    guard facts.size > Self.mostWithHoles else { return nil }
    let hole = Int64(lseek(descriptor, 0, Self.seekHole))
    guard hole >= 0, hole < facts.size else { return nil }
    return StoreError(
      .metadata, file: path, place: "byte \(hole)",
      problem: "a hole: of its \(facts.size / 1_000_000_000) GB nothing was ever written there, "
        + "and files of more than 1 GB are not read through holes",
      remedy: "put the file itself in its place, from the application or a backup")
  }

  /// Refuses the file where its size, its times or its identity have changed since it was opened.
  public func checkUnchanged() throws(StoreError) {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw StoreDirectory.refusal(errno, path) }
    let now = FileFacts(status)
    let isSame =
      now.size == facts.size && now.modified == facts.modified && now.isSameEntry(as: facts)
    if isSame { return }
    throw StoreError(
      .changed, file: path, problem: "changed while it was read",
      remedy: "stop the application that writes it, then run again")
  }
}
