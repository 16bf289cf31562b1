internal import Clock
internal import Files
package import OwnSchema
internal import SQLText
internal import Glibc

/// A new migration file, in which the operator then writes the statements.
package struct MigrationDraft: Sendable {
  /// The migration's name in lower case, with underscores between the words.
  package let name: String

  /// Creates a draft with a name made from words: `Add sentiment` becomes `add_sentiment`.
  package init(name: String) throws(SchemaError) {
    let plain = name.lowercased().unicodeScalars.map { scalar -> Character in
      let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      return isPlain ? Character(scalar) : "_"
    }
    let words = String(plain).split(separator: "_")
    guard !words.isEmpty, name.utf8.count <= 200 else {
      throw SchemaError("\(name) is not a valid file name", remedy: "use letters and digits")
    }
    self.name = words.joined(separator: "_")
  }

  /// Writes the new file into a folder, which is created if missing; returns the paths that were
  /// written.
  ///
  /// The file has the form of the folder's other files; two files are written where the up part and
  /// the down part have separate files. The version is the time in UTC, so that two branches rarely
  /// choose the same version. Where another tool numbers its files, the version is the next number.
  package func write(to directory: String) throws(SchemaError) -> [String] {
    if mkdir(directory, 0o777) != 0, errno != EEXIST { throw Self.refusal(directory) }
    let set = try MigrationSet.read(directory: directory)
    let form = try Self.form(of: set, in: directory)
    var now = time(nil)
    while true {
      let version = Self.nextNumber(in: set, form) ?? Self.stamp(now, form)
      let texts = Self.texts(form, hasDowns: set.migrations.contains { $0.down != nil })
      let paths = texts.map { "\(directory)/\($0.prefix)\(version)\($0.gap)\(name)\($0.ending)" }
      guard let taken = try zip(paths, texts).firstTaken() else { return paths }
      guard Self.nextNumber(in: set, form) == nil else {
        throw SchemaError(
          "\(taken) exists already", remedy: "move the file away, or choose another name")
      }
      now += 1
    }
  }

  // MARK: Forms

  /// Chooses the form of the new file; throws for a tool that lists its migrations in a separate
  /// file.
  private static func form(of set: MigrationSet, in directory: String) throws(SchemaError)
    -> MigrationForm
  {
    guard let foreign = set.forms.first(where: { !$0.isOwn }) else {
      return set.forms == [.pairs] ? .pairs : .sections
    }
    if foreign == .sqitch || foreign == .drizzle {
      throw SchemaError(
        "\(directory) is a folder of \(foreign.rawValue), which lists its migrations in a "
          + "separate file",
        remedy: foreign == .sqitch
          ? "create the migration with sqitch add"
          : "create the migration with drizzle-kit generate --custom")
    }
    return foreign
  }

  fileprivate struct Text {
    var prefix = ""
    var gap = "_"
    var ending = ".sql"
    var content = ""
  }

  private static func texts(_ form: MigrationForm, hasDowns: Bool) -> [Text] {
    switch form {
    case .sections, .plain: [Text(content: "-- migrate:up\n\n\n-- migrate:down\n\n")]
    case .goose: [Text(content: "-- +goose Up\n\n\n-- +goose Down\n\n")]
    case .sqlMigrate: [Text(content: "-- +migrate Up\n\n\n-- +migrate Down\n\n")]
    case .nodePgMigrate: [Text(content: "-- Up Migration\n\n\n-- Down Migration\n\n")]
    case .tern: [Text(content: "\n\n---- create above / drop below ----\n\n")]
    case .drizzle, .sqitch: []
    case .pairs: [Text(ending: ".up.sql"), Text(ending: ".down.sql")]
    case .flyway:
      [Text(prefix: "V", gap: "__")] + (hasDowns ? [Text(prefix: "U", gap: "__")] : [])
    }
  }

  /// Returns the number after the newest version, with as many digits; nil where a new file gets
  /// the time as its version.
  private static func nextNumber(in set: MigrationSet, _ form: MigrationForm) -> String? {
    guard let newest = set.newestVersion, form != .sections, form != .plain else { return nil }
    let parts = newest.split(separator: ".")
    guard let last = parts.last, last.count < 12, let number = Int(last) else { return nil }
    let next = "\(number + 1)"
    let padded = String(repeating: "0", count: max(0, last.count - next.count)) + next
    return (parts.dropLast().map(String.init) + [padded]).joined(separator: ".")
  }

  private static func stamp(_ moment: time_t, _ form: MigrationForm) -> String {
    // node-pg-migrate counts milliseconds.
    if form == .nodePgMigrate { return "\(moment)000" }
    let time = DateAndTime(secondsSince1970: Int64(moment))
    return time.date(separator: "") + time.time(separator: "")
  }

  fileprivate static func refusal(
    _ path: String, _ failure: SystemFailure = SystemFailure()
  ) -> SchemaError {
    SchemaError("cannot write \(path): \(failure.reason)", remedy: "name another --dir")
  }
}

extension Sequence<(String, MigrationDraft.Text)> {
  /// Writes all files, unless one of the paths exists already; returns the first such path, or nil
  /// where all files were written.
  fileprivate func firstTaken() throws(SchemaError) -> String? {
    for (path, text) in self {
      do {
        try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
          .write(Array(text.content.utf8))
      } catch {
        if error.code == EEXIST { return path }
        throw MigrationDraft.refusal(path, error)
      }
    }
    return nil
  }
}
