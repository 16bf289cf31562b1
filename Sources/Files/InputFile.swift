internal import Bounds
internal import Glibc

/// An open regular file, which is read at any offset.
public final class InputFile: Sendable {
  /// The file as the operator would type it, for messages.
  public let path: String
  /// The facts about the file when it was opened.
  public let facts: FileFacts
  private let descriptor: FileDescriptor
  let watch: ReadingWatch

  /// Takes over the descriptor of a regular file; closes and refuses any other descriptor.
  init(adopting descriptor: consuming FileDescriptor, path: String) throws(FileError) {
    var status = stat()
    let code = descriptor.withNumber { fstat($0, &status) == 0 ? 0 : errno }
    let facts = FileFacts(status)
    guard code == 0, facts.kind == .regular else {
      throw code == 0
        ? Directory.refusal(facts.kind, path) : Directory.refusal(code, path)
    }
    self.descriptor = descriptor
    self.path = path
    self.facts = facts
    watch = ReadingWatch(path: path, size: facts.size)
  }

  /// Reads from `offset` on into the beginning of `buffer`, and returns the number of bytes read.
  ///
  /// Fewer bytes than `buffer` has room for mean that the file ends there.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      try StopRequest.check()
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = descriptor.withNumber {
        pread($0, target.baseAddress, target.count, off_t(offset) + off_t(done))
      }
      if count < 0 {
        if errno == EINTR { continue }
        let cause = String(cString: strerror(errno))
        throw FileError(
          .file, file: path, place: "byte \(offset + Int64(done))",
          problem: "reading failed: \(cause)",
          remedy: "check the disk and restore the file from a copy")
      }
      if count == 0 { break }
      done += count
      watch.passed(offset + Int64(done))
    }
    return done
  }

  /// Calls `body` with the number of the descriptor.
  func withNumber<Result>(_ body: (Int32) -> Result) -> Result { descriptor.withNumber(body) }

  /// Reads the file from its beginning to its end, and passes `body` parts of at most one megabyte.
  package func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while true {
      let count = try read(into: buffer, at: offset)
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += Int64(count)
    }
  }

  /// True where less than half of the file takes space on the disk; the other parts are zeros that
  /// were never written.
  package var isMostlyHoles: Bool {
    var status = stat()
    guard descriptor.withNumber({ fstat($0, &status) }) == 0 else { return false }
    return Int64(status.st_blocks).multipliedSaturated(by: 512) < facts.size / 2
  }

  /// Finds the end of the hole that contains `offset`; a hole is a range of zeros that was never
  /// written.
  ///
  /// Returns `offset` itself where there is no hole, or where the file system does not show holes.
  package func endOfHole(at offset: Int) -> Int {
    let next = descriptor.withNumber { lseek($0, off_t(offset), Self.seekData) }
    if next < 0 { return errno == ENXIO ? max(offset, Int(facts.size)) : offset }
    return Int(next)
  }

  /// SEEK_DATA of Linux, which is missing in the module of the C library.
  private static let seekData: Int32 = 3
  /// SEEK_HOLE of Linux, which is missing in the module of the C library.
  private static let seekHole: Int32 = 4

  /// The offset of the first hole; nil where the file has no holes, or where the file system does
  /// not show them.
  package var firstHole: Int64? {
    let hole = Int64(descriptor.withNumber { lseek($0, 0, Self.seekHole) })
    return hole >= 0 && hole < facts.size ? hole : nil
  }

  /// Refuses the file where its size, its time of modification or its identity has changed since
  /// the file was opened.
  public func checkUnchanged() throws(FileError) {
    var status = stat()
    if descriptor.withNumber({ fstat($0, &status) }) != 0 { throw Directory.refusal(errno, path) }
    let now = FileFacts(status)
    let isSame =
      now.size == facts.size && now.modified == facts.modified && now.isSameEntry(as: facts)
    if isSame { return }
    throw FileError(
      .changed, file: path, problem: "changed while it was read",
      remedy: "stop the application that writes the file, then run again")
  }
}
