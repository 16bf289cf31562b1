package import Ledger
internal import Digests
package import Postgres

/// Which database a dump is of: a name alone does not tell, for every server may have it.
package struct DumpIdentity: Sendable, Equatable {
  /// What `initdb` gave the server, which a copy of its files has too; nil where the role may not
  /// ask for it.
  let cluster: String?
  /// Where the server was reached, as it was named.
  let host: String
  /// The port, as it was given.
  let port: String
  /// The database's name.
  let name: String
  /// Its number in the server: another one for a database that was made anew under the name.
  ///
  /// Both are one to the operator; retention keeps the last dump of each.
  let oid: Int

  /// Asks a session's server.
  package static func read(_ connection: Connection) throws(Failure) -> DumpIdentity {
    do {
      let row = try connection.query(
        """
        SELECT datname::text, oid FROM pg_catalog.pg_database
        WHERE datname = pg_catalog.current_database()
        """)
      // Some providers refuse to tell in spite of the right.
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

  /// Twelve hexadecimal digits for cluster, host, port and name together: another database has
  /// others, and so has a server's copy on another host.
  package var key: String {
    let text = [cluster ?? "", host, port, name].joined(separator: "\u{0}")
    // SHA-256 fails only where the library cannot be used at all: such a key is nobody's.
    let digest = try? SHA256.digest(of: Array(text.utf8))
    return String(digest?.description.prefix(12) ?? "000000000000")
  }

  /// The name as far as file names can have it; the key tells those apart that look alike.
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

  /// `app on db.example:5432 (1f2e3d4c5b6a)`, on one line.
  package var description: String { "\(name) on \(place) (\(key))" }

  /// `db.example:5432`, or the directory of the socket.
  var place: String {
    host.hasPrefix("/") ? "socket \(host)" : "\(host):\(port)"
  }
}
