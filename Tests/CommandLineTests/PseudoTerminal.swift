import Glibc

/// A terminal without a screen: a test reads what a program writes to `terminal`, and the program
/// reads from `terminal` what the test types.
final class PseudoTerminal {
  /// The end of the terminal that the program uses.
  let terminal: Int32
  private let screen: Int32

  /// Opens a terminal of the given width; nil where the system has none left.
  init?(columns: Int) {
    // The same as posix_openpt(3), which Swift cannot import from its header.
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

  /// Changes the width, as if somebody had resized the window.
  func resize(columns: Int) {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(screen, UInt(TIOCSWINSZ), &size)
  }

  /// Types a text.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(screen, bytes, bytes.count)
  }

  /// Returns the text that was written to the terminal so far.
  func shown() -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var request = pollfd(fd: screen, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 1000) == 1 else { return "" }
    let count = read(screen, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
