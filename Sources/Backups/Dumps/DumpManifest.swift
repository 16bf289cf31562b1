package import Clock
internal import Digests
package import JSON

/// The manifest beside a dump: the database, the file's size and digest, and the dump's contents.
package struct DumpManifest: Sendable, Equatable {
  /// The name of the dump's file.
  let file: String
  /// The file's size in bytes.
  let size: Int
  let digest: SHA256.Digest
  /// The time at which the dump was made.
  package let madeAt: CalendarTime
  /// The version of this program that made the dump.
  let programVersion: String
  /// The major version of the `pg_dump` that made the dump.
  let pgDump: Int
  /// The database that was dumped.
  package let identity: DumpIdentity
  /// The properties of the dumped database that a restore must know.
  package let traits: DatabaseTraits
  /// The number of entries in the dump's table of contents.
  package let entries: Int
  /// The tables and their rows.
  package let contents: DatabaseContents

  /// Returns the name of a dump's manifest.
  static func name(of dump: String) -> String { "\(dump).json" }

  /// Returns the manifest as JSON text with its own digest at the end; the same value always gives
  /// the same text.
  func json() throws -> String {
    let digest = try SHA256.digest(of: Array(value(checksum: nil).text.utf8))
    return value(checksum: digest.description).text + "\n"
  }

  private func value(checksum: String?) -> JSONValue {
    var manifest: JSONObject = [
      "format": 1, "kind": "dump", "file": .string(file), "bytes": .int(size),
      "sha256": .string(digest.description), "made_at": .string(madeAt.description),
      "program_version": .string(programVersion), "pg_dump": .int(pgDump),
      "database": identity.json, "server_version": .int(traits.serverVersion),
      "encoding": .string(traits.encoding), "collation": .string(traits.collation),
      "character_type": .string(traits.characterType),
      "extensions": .array(
        traits.extensions.map { ["name": .string($0.name), "version": .string($0.version)] }),
      "roles": .array(traits.roles.map(JSONValue.string)), "entries": .int(entries),
      "tables": .array(contents.tables.map(\.json)),
    ]
    if let checksum { manifest["checksum"] = .string(checksum) }
    return .object(manifest)
  }
}

extension DumpIdentity {
  /// The identity as JSON, for manifests and for output to programs.
  package var json: JSONValue {
    [
      "cluster": JSONValue(cluster), "host": .string(host), "port": .string(port),
      "name": .string(name), "oid": .int(oid), "key": .string(key),
    ]
  }
}

extension DatabaseContents.Table {
  /// The table as JSON, for manifests and for output to programs.
  package var json: JSONValue {
    [
      "schema": .string(schema), "name": .string(name), "rows": .int(rows),
      "digest": .string(digest),
    ]
  }
}

extension DumpManifest {
  /// The size of the longest manifest that is read.
  static let sizeLimit = 64 * 1024 * 1024

  /// Reads the manifest of the dump with this name, and accepts only what this program would have
  /// written.
  init(parsing bytes: [UInt8], of dump: String) throws(BackupManifest.Refused) {
    guard let value = JSONValue(parsing: bytes), let manifest = DumpManifest(value) else {
      throw BackupManifest.Refused(reason: "a field of the manifest is missing or has a wrong form")
    }
    guard manifest.file.utf8.elementsEqual(dump.utf8) else {
      throw BackupManifest.Refused(reason: "it belongs to \(manifest.file)")
    }
    guard let text = try? manifest.json(), Array(text.utf8) == bytes else {
      throw BackupManifest.Refused(
        reason: "the manifest was changed after it was written (its checksum or its form differs)")
    }
    self = manifest
  }

  private init?(_ value: JSONValue) {
    guard value["format"]?.intValue == 1, value["kind"]?.stringValue == "dump",
      let file = value["file"]?.stringValue, let size = value["bytes"]?.intValue, size >= 0,
      let digest = value["sha256"]?.stringValue.flatMap({ SHA256.Digest(hexadecimal: $0) }),
      let madeAt = value["made_at"]?.stringValue.flatMap(CalendarTime.init),
      let program = value["program_version"]?.stringValue, let pgDump = value["pg_dump"]?.intValue,
      let identity = value["database"].flatMap(DumpIdentity.init),
      let traits = DatabaseTraits(value), let entries = value["entries"]?.intValue,
      let tables = value["tables"]?.arrayValue?.map(DatabaseContents.Table.init),
      !tables.contains(where: { $0 == nil })
    else { return nil }
    self.init(
      file: file, size: size, digest: digest, madeAt: madeAt, programVersion: program,
      pgDump: pgDump, identity: identity, traits: traits, entries: entries,
      contents: DatabaseContents(tables: tables.compactMap(\.self)))
  }
}

extension DumpIdentity {
  fileprivate init?(_ value: JSONValue) {
    guard let host = value["host"]?.stringValue, let port = value["port"]?.stringValue,
      let name = value["name"]?.stringValue, let oid = value["oid"]?.intValue
    else { return nil }
    self.init(
      cluster: value["cluster"]?.stringValue, host: host, port: port, name: name, oid: oid)
  }
}

extension DatabaseTraits {
  fileprivate init?(_ value: JSONValue) {
    guard let version = value["server_version"]?.intValue,
      let encoding = value["encoding"]?.stringValue,
      let collation = value["collation"]?.stringValue,
      let characterType = value["character_type"]?.stringValue,
      let extensions = value["extensions"]?.arrayValue, let roles = value["roles"]?.arrayValue
    else { return nil }
    self.init(
      serverVersion: version, encoding: encoding, collation: collation,
      characterType: characterType,
      extensions: extensions.compactMap { entry in
        guard let name = entry["name"]?.stringValue, let version = entry["version"]?.stringValue
        else { return nil }
        return Extension(name: name, version: version)
      },
      roles: roles.compactMap(\.stringValue))
  }
}

extension DatabaseContents.Table {
  fileprivate init?(_ value: JSONValue) {
    guard let schema = value["schema"]?.stringValue, let name = value["name"]?.stringValue,
      let rows = value["rows"]?.intValue, let digest = value["digest"]?.stringValue
    else { return nil }
    self.init(schema: schema, name: name, rows: rows, digest: digest)
  }
}
