import Glibc
public import Pickle

/// A file mapped into memory, which nobody may shorten meanwhile.
public final class MappedFile: PickleSource {
  // why: nobody writes to these pages, and they live as long as this object.
  private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps a regular file that is not empty for reading; nil where that fails.
  public init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
    madvise(address, bytes.count, MADV_SEQUENTIAL)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// The file's size when it was mapped.
  public var count: Int { bytes.count }

  /// All of the file.
  public var contents: UnsafeRawBufferPointer? { bytes }

  /// Fills the whole of `buffer` with the bytes from `offset` on.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(PickleError) {
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + buffer.count]))
  }
}
