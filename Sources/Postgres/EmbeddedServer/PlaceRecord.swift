import Glibc

/// The contents of `.vector-ferry/postgres.place`: the paths of a server that differ from the usual
/// paths.
struct PlaceRecord: Equatable {
  var base: String?
  var sockets: String?

  static func read(home: String) -> PlaceRecord {
    var record = PlaceRecord()
    for line in (File.text(path(in: home)) ?? "").split(separator: "\n") {
      if line.hasPrefix("base=/") { record.base = String(line.dropFirst("base=".count)) }
      if line.hasPrefix("sockets=/") { record.sockets = String(line.dropFirst("sockets=".count)) }
    }
    return record
  }

  func write(home: String, owner: ServerAccount?) throws(EmbeddedServerError) {
    guard self != Self.read(home: home) else { return }
    let lines = [base.map { "base=\($0)\n" }, sockets.map { "sockets=\($0)\n" }]
    let path = Self.path(in: home)
    try File.replace(path, with: lines.compactMap(\.self).joined())
    if let owner { try File.give(path, to: owner) }
  }

  private static func path(in home: String) -> String { "\(home)/postgres.place" }
}
