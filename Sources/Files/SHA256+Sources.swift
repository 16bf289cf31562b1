public import Digests
public import JSON

extension SHA256 {
  /// Computes the digest of all bytes from a source's present position to its end.
  public static func digest(of source: any ByteSource) throws -> Digest {
    var source = source
    let hasher = try SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return try hasher.finish() }
      try hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
