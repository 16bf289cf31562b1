import Glibc

/// Calls of the C library that Swift's overlay does not declare.
enum SystemCalls {
  private typealias SetUser = @convention(c) (UInt32) -> Int32
  private typealias Rename =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  /// Makes this thread, and no other, open files as another user.
  static func setFileUser(_ user: UInt32) throws {
    let call = unsafeBitCast(try symbol("setfsuid"), to: SetUser.self)
    _ = call(user)
  }

  /// Exchanges two entries in one step, so that each path exists at every moment; returns false
  /// where this is impossible.
  static func exchange(_ first: String, _ second: String) throws -> Bool {
    let call = unsafeBitCast(try symbol("renameat2"), to: Rename.self)
    return call(AT_FDCWD, first, AT_FDCWD, second, 2) == 0
  }

  private static func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
    guard let symbol = dlsym(nil, name) else { throw Surprise(text: "no \(name)") }
    return symbol
  }
}
