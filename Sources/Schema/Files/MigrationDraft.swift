internal import Glibc

/// A new migration file, to be filled in.
public struct MigrationDraft: Sendable {
  /// The name with underscores, in lower case.
  public let name: String

  /// Makes a file's name of words: `Add sentiment` becomes `add_sentiment`.
  public init(name: String) throws(SchemaError) {
    let plain = name.lowercased().unicodeScalars.map { scalar -> Character in
      let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      return isPlain ? Character(scalar) : "_"
    }
    let words = String(plain).split(separator: "_")
    guard !words.isEmpty, name.utf8.count <= 200 else {
      throw SchemaError("\(name) is no name for a file", remedy: "use letters and digits")
    }
    self.name = words.joined(separator: "_")
  }

  /// Writes the file into a folder, which is made where it is absent; returns its path.
  ///
  /// The version is the time in UTC, so that two branches rarely choose the same.
  public func write(to directory: String) throws(SchemaError) -> String {
    var now = time(nil)
    if mkdir(directory, 0o777) != 0, errno != EEXIST { throw Self.refusal(directory) }
    while true {
      let path = "\(directory)/\(Self.stamp(now))_\(name).sql"
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if file < 0, errno == EEXIST {
        now += 1
        continue
      }
      guard file >= 0 else { throw Self.refusal(path) }
      defer { close(file) }
      let text = Array("-- migrate:up\n\n\n-- migrate:down\n\n".utf8)
      guard Glibc.write(file, text, text.count) == text.count else { throw Self.refusal(path) }
      return path
    }
  }

  private static func refusal(_ path: String) -> SchemaError {
    SchemaError(
      "cannot write \(path): \(String(cString: strerror(errno)))", remedy: "name another --dir")
  }

  private static func stamp(_ moment: time_t) -> String {
    var moment = moment
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y%m%d%H%M%S", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
