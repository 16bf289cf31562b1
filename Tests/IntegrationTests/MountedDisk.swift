import Foundation
import TestSupport

/// A small disk for faults that only a disk can cause; it is unmounted when the object is released.
final class MountedDisk {
  /// The path at which the disk is mounted.
  let path: String

  /// True where this process may mount a disk.
  static let isPossible: Bool = {
    guard geteuid() == 0, let folder = try? TemporaryDirectory("disk") else { return false }
    return (try? MountedDisk(at: folder.file("disk"), options: "size=64k")) != nil
  }()

  /// Mounts a tmpfs with the given options at a new folder.
  init(at path: String, options: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let outcome = try run("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path])
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
  }

  deinit { _ = try? run("/bin/umount", ["-l", path]) }
}
