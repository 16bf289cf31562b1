internal import Glibc

/// A connection over TCP; every wait is a `poll`, so that an interruption is noticed at once.
final class Socket {
  private let descriptor: Int32
  private let isInterrupted: @Sendable () -> Bool
  /// The longest time without a check for an interruption, in milliseconds.
  private static let tick = 100.0

  /// Connects to the first of the host's addresses that accepts the connection.
  convenience init(
    host: String, port: UInt16, deadline: Deadline, isInterrupted: @escaping @Sendable () -> Bool
  ) throws(HTTPError) {
    // Looking up the name blocks, as in libpq; the program limits the time with RES_OPTIONS.
    let addresses = try HostAddresses(host: host, port: port)
    try self.init(addresses.all, deadline: deadline, isInterrupted: isInterrupted)
  }

  /// Connects to the first address that accepts the connection.
  ///
  /// Each address gets only its share of the time, so that one that does not answer, such as an
  /// IPv6 address that is not routed, leaves time for the others.
  init(
    _ addresses: [SocketAddress], deadline: Deadline, isInterrupted: @escaping @Sendable () -> Bool
  ) throws(HTTPError) {
    self.isInterrupted = isInterrupted
    var failure = HTTPError.unresolved(reason: "its name has none")
    var connected: Int32?
    for (place, address) in addresses.enumerated() where connected == nil {
      do throws(HTTPError) {
        let timeouts = deadline.part(of: addresses.count - place)
        connected = try Self.connect(address, deadline: timeouts, isInterrupted)
      } catch {
        if error == .interrupted { throw error }
        failure = error
      }
    }
    guard let connected else { throw failure }
    descriptor = connected
  }

  deinit { close(descriptor) }

  private static func connect(
    _ address: SocketAddress, deadline: Deadline, _ isInterrupted: @Sendable () -> Bool
  ) throws(HTTPError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .unconnected(reason: Self.words(errno)) }
    do throws(HTTPError) {
      let started = address.withPointer { Glibc.connect(descriptor, $0, $1) }
      if started != 0 {
        guard errno == EINPROGRESS else { throw .unconnected(reason: Self.words(errno)) }
        try wait(for: POLLOUT, on: descriptor, "connecting", deadline, isInterrupted)
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw .unconnected(reason: Self.words(code)) }
      }
      // Small requests must not wait until earlier ones are acknowledged.
      var on: Int32 = 1
      let size = socklen_t(MemoryLayout<Int32>.size)
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Sends all bytes.
  func send(_ bytes: [UInt8], deadline: Deadline) throws(HTTPError) {
    var sent = 0
    while sent < bytes.count {
      // No SIGPIPE where the other side has closed the connection: the process may belong to a test
      // or to another program.
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try Self.wait(for: POLLOUT, on: descriptor, "sending", deadline, isInterrupted)
      } else if errno != EINTR {
        throw .broken(reason: Self.words(errno))
      }
    }
  }

  /// Receives at least one byte; an empty slice means the end of the connection.
  func receive(deadline: Deadline) throws(HTTPError) -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count >= 0 { return buffer[..<count] }
      if errno == EAGAIN {
        try Self.wait(for: POLLIN, on: descriptor, "the answer", deadline, isInterrupted)
      } else if errno != EINTR {
        throw .broken(reason: Self.words(errno))
      }
    }
  }

  /// True where nothing has arrived since the last answer, not even the end of the connection.
  var isQuiet: Bool {
    var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&query, 1, 0) == 0
  }

  private static func wait(
    for events: Int32, on descriptor: Int32, _ what: String, _ deadline: Deadline,
    _ isInterrupted: @Sendable () -> Bool
  ) throws(HTTPError) {
    while true {
      if isInterrupted() { throw .interrupted }
      let left = deadline.left * 1000
      guard left > 0 else { throw .timedOut(what: what, seconds: deadline.seconds) }
      var query = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let ready = poll(&query, 1, Int32(min(left, tick)) + 1)
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .broken(reason: words(errno)) }
    }
  }

  private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// One address of a host, with its port.
struct SocketAddress {
  let family: Int32
  let bytes: [UInt8]

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(bytes.count))
      }
    }
  }
}

/// The addresses of a host, in the system's order of preference.
struct HostAddresses {
  private(set) var all: [SocketAddress] = []

  init(host: String, port: UInt16) throws(HTTPError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else { throw .unresolved(reason: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var next = list
    while let entry = next?.pointee {
      if let address = entry.ai_addr {
        let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
        all.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
      }
      next = entry.ai_next
    }
  }
}
