import Glibc

/// A terminal without a screen: what is written to `terminal` can be read back, and what is typed
/// can be read from it.
final class PseudoTerminal {
  /// The end a program sees.
  let terminal: Int32
  private let screen: Int32

  /// Opens a pair of the given width.
  init?(columns: Int) {
    // posix_openpt(3) by hand: its header hides it from Swift.
    screen = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var lock: Int32 = 0
    var number: Int32 = -1
    let (unlocking, numbering): (UInt, UInt) = (0x4004_5431, 0x8004_5430)  // TIOCSPTLCK, TIOCGPTN
    guard screen >= 0, ioctl(screen, unlocking, &lock) == 0, ioctl(screen, numbering, &number) == 0
    else { return nil }
    terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    resize(columns: columns)
  }

  deinit {
    close(terminal)
    close(screen)
  }

  /// As if somebody dragged the window's edge.
  func resize(columns: Int) {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(screen, UInt(TIOCSWINSZ), &size)
  }

  /// Presses keys.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(screen, bytes, bytes.count)
  }

  /// What has been written so far.
  func shown() -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var request = pollfd(fd: screen, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 1000) == 1 else { return "" }
    let count = read(screen, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
