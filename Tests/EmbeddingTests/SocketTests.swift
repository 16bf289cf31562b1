import Glibc
import Testing

@testable import Embedding

/// Which of a host's addresses is taken.
struct SocketTests {
  /// A listener on loopback.
  private struct Listener: ~Copyable {
    let descriptor: Int32
    let address: SocketAddress

    init() throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &place) { [descriptor] pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, size) == 0 && listen(descriptor, 0) == 0
            && getsockname(descriptor, $0, &size) == 0
        }
      }
      try #require(isBound)
      address = SocketAddress(
        family: AF_INET, bytes: withUnsafeBytes(of: &place) { Array($0) })
    }

    deinit { close(descriptor) }
  }

  private func connect(to addresses: [SocketAddress], seconds: Int) throws -> Socket {
    try Socket(addresses, deadline: Deadline(seconds: seconds), isInterrupted: { false })
  }

  @Test func `an address that stays silent leaves the next one its share of the time`() throws {
    // Its queue is full after one connection: what comes then is not answered at all.
    let silent = try Listener()
    let waiting = try connect(to: [silent.address], seconds: 1)
    let open = try Listener()
    let start = ContinuousClock.now
    let connected = try connect(to: [silent.address, open.address], seconds: 2)
    #expect(ContinuousClock.now - start > .milliseconds(900), "the first was not silent")
    #expect(connected.isQuiet)
    let error = #expect(throws: HTTPError.self) {
      try connect(to: [silent.address, silent.address], seconds: 1)
    }
    #expect(error == .timedOut(what: "connecting", seconds: 1))
    withExtendedLifetime(waiting) {}
  }

  @Test func `an address that refuses costs the next one nothing`() throws {
    var refusing: SocketAddress
    do { refusing = try Listener().address }
    let open = try Listener()
    let start = ContinuousClock.now
    #expect(try connect(to: [refusing, open.address], seconds: 8).isQuiet)
    // Half of the eight seconds were its share.
    #expect(ContinuousClock.now - start < .seconds(3))
  }
}
