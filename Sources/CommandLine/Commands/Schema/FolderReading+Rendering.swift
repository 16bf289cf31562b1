internal import Messages
internal import SQLText
internal import JSON
internal import MigrationFiles
internal import Stores

extension Console {
  /// Prints how a folder of migrations was read; prints nothing for a bundled set.
  func show(_ reading: FolderReading?) {
    guard let reading, !reading.forms.isEmpty else { return }
    var parts = [
      counted(reading.ups - reading.repeatables, "up migration", "up migrations"),
      counted(reading.downs - reading.repeatables, "down migration", "down migrations"),
    ]
    if reading.repeatables > 0 {
      parts.append(counted(reading.repeatables, "repeatable migration"))
    }
    if reading.checks > 0 { parts.append(counted(reading.checks, "check")) }
    print("Files read as: \(reading.name, .bold) (\(parts.joined(separator: ", ")))")
    if let first = reading.unreadFiles.first {
      diagnostics.warn(
        """
        \(counted(reading.unreadFiles.count, "file")) of SQL in subfolders \
        \(reading.unreadFiles.count == 1 ? "is" : "are") not read, such as \(first)
        """)
    }
  }
}

extension FolderReading {
  /// The facts about how the folder was read, as JSON.
  var json: JSONValue {
    [
      "forms": .array(forms.map { .string($0.rawValue) }), "ups": .int(ups - repeatables),
      "downs": .int(downs - repeatables), "repeatables": .int(repeatables),
      "checks": .int(checks), "unread": .array(unreadFiles.map(JSONValue.string)),
    ]
  }
}
