package import Ledger
internal import Digests
package import Postgres

/// The database that a dump was made of: the name alone is not enough, because databases of several
/// servers may have the same name.
package struct DumpIdentity: Sendable, Equatable {
  /// The identifier that `initdb` gave the server, which a copy of the server's files shares; nil
  /// where the role may not read it.
  let cluster: String?
  /// The host of the server, as it was given.
  let host: String
  /// The port of the server, as it was given.
  let port: String
  /// The database's name.
  let name: String
  /// The object id of the database: a database that was created again under the same name has
  /// another id.
  ///
  /// For the operator, the two are the same database; retention keeps the last dump of each.
  let oid: Int

  /// Reads the identity of a session's database.
  package static func read(_ connection: Connection) throws(Failure) -> DumpIdentity {
    do {
      let row = try connection.query(
        """
        SELECT datname::text, oid FROM pg_catalog.pg_database
        WHERE datname = pg_catalog.current_database()
        """)
      // Some providers refuse this query even to roles with the right.
      let known = connection.isInTransaction ? nil : try? connection.identity()
      let host = connection.host
      return DumpIdentity(
        cluster: known?.cluster, host: host.hasPrefix("/") ? host : host.lowercased(),
        port: connection.port, name: try row.value(0, 0), oid: try row.value(0, 1))
    } catch {
      throw Failure(error)
    }
  }

  /// True where no other database can be mistaken for this one.
  package var isCertain: Bool { cluster != nil }

  /// Twelve hexadecimal digits computed from cluster, host, port and name: every other database has
  /// other digits, also the same database in a copy of the server on another host.
  package var key: String {
    let text = [cluster ?? "", host, port, name].joined(separator: "\u{0}")
    // SHA-256 fails only where the library cannot be used at all; no database has the key of zeros.
    let digest = try? SHA256.digest(of: Array(text.utf8))
    return String(digest?.description.prefix(12) ?? "000000000000")
  }

  /// The database's name in characters that a file name may have; two databases with the same label
  /// have different keys.
  var fileLabel: String {
    let letters = name.utf8.prefix(24).map { byte -> Character in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        Character(UnicodeScalar(byte))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): Character(UnicodeScalar(byte + 32))
      default: "_"
      }
    }
    return String(letters)
  }

  /// The database, its server and its key on one line: `app on db.example:5432 (1f2e3d4c5b6a)`.
  package var description: String { "\(name) on \(place) (\(key))" }

  /// The address of the server: `db.example:5432`, or the directory of its socket.
  var place: String {
    host.hasPrefix("/") ? "socket \(host)" : "\(host):\(port)"
  }
}
