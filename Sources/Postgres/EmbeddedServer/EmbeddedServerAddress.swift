import Glibc

/// The address of the embedded server: a socket in a private directory, never a network port.
public struct EmbeddedServerAddress: Sendable, Equatable {
  /// The directory that holds the socket; only its owner and root may enter it.
  public let socketDirectory: String

  /// The number in the socket's name; no TCP port is opened.
  public let port: Int

  /// The role to connect as, the same for every account that runs the server.
  public let user: String

  /// The database to connect to.
  public let database: String

  /// Creates the address of a server whose socket is in `socketDirectory`.
  public init(socketDirectory: String) {
    self.socketDirectory = socketDirectory
    port = 5432
    user = "vector_ferry"
    database = "vector_ferry"
  }

  /// The path of the socket.
  public var socket: String { "\(socketDirectory)/.s.PGSQL.\(port)" }

  /// True where something accepts a connection at the socket.
  var connects: Bool {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(socket.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else { return false }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let kind = Int32(SOCK_STREAM.rawValue)
    let connection = Glibc.socket(AF_UNIX, kind, 0)
    guard connection >= 0 else { return false }
    defer { close(connection) }
    return withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  /// The address as a URL that psql, pg_dump and every libpq program takes.
  public var url: String {
    "postgresql://\(user)@/\(database)?host=\(Self.percentEncoded(socketDirectory))&port=\(port)"
  }

  // Percent-encodes a value for a query: RFC 3986 leaves unreserved characters and the slash
  // unchanged.
  private static func percentEncoded(_ value: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return value.utf8.reduce(into: "") { text, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        text.append(Character(UnicodeScalar(byte)))
      default:
        text.append("%")
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
  }
}
