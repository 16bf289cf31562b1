internal import CCurl
internal import Clock
internal import Glibc

/// Sends requests to one service, many at once, over connections that are kept between them.
///
/// One thread at a time may use a client; whoever waits sees every answer.
final class HTTPClient {
  /// The time limits, in seconds.
  struct Timeouts: Sendable {
    /// The limit for connecting, encryption included.
    var connecting = 15
    /// The limit between two pieces of an answer that has begun.
    var silent = 60
    /// The limit for a whole answer; a service may have to load its model first.
    var answering = 300
  }

  /// A request that has ended.
  struct Ended {
    let number: Int
    let result: Result<HTTPAnswer, HTTPError>
    /// True where the request, or a part of it, may have left this machine.
    let wasSent: Bool
  }

  private let address: HTTPAddress
  private let route: HTTPRoute
  private let timeouts: Timeouts
  private let multi: UnsafeMutableRawPointer?
  private var transfers: [Int: HTTPTransfer] = [:]
  private var lastNumber = 0
  /// When the last wait has ended; nil where none is under way.
  private var leftAt: Double?

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Creates a client, which connects with the first request.
  init(_ address: HTTPAddress, by route: HTTPRoute = HTTPRoute(), timeouts: Timeouts = Timeouts()) {
    self.address = address
    self.route = route
    self.timeouts = timeouts
    multi = Self.isReady ? curl_multi_init() : nil
  }

  deinit {
    cancelAll()
    if let multi { curl_multi_cleanup(multi) }
  }

  /// Begins a request; returns the number by which `wait` reports its end.
  func begin(_ request: HTTPRequest) throws(HTTPError) -> Int {
    guard let multi else { throw .broken(reason: "libcurl does not start") }
    lastNumber += 1
    let transfer = try HTTPTransfer(
      request, number: lastNumber, to: address, by: route, connecting: timeouts.connecting)
    guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
      throw .broken(reason: "libcurl does not take the request")
    }
    transfers[lastNumber] = transfer
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    return lastNumber
  }

  /// Waits until a request ends, at most for this long; returns all that have ended.
  func wait(atMost seconds: Double) -> [Ended] {
    guard let multi else { return [] }
    excuseAbsence()
    defer { leftAt = MonotonicClock.seconds() }
    let end = MonotonicClock.seconds() + seconds
    while true {
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      let ended = takeEnded(multi) + takeLate(multi)
      let left = end - MonotonicClock.seconds()
      if !ended.isEmpty || left <= 0 { return ended }
      let milliseconds = Int32(min(left * 1000, 1000).rounded(.up))
      if transfers.isEmpty {
        usleep(UInt32(milliseconds) * 1000)
        return []
      }
      var events: Int32 = 0
      // A signal ends the wait, too.
      guard curl_multi_poll(multi, nil, 0, milliseconds, &events) == CURLM_OK else { return [] }
    }
  }

  /// Abandons all requests.
  func cancelAll() {
    for transfer in transfers.values {
      if let multi { curl_multi_remove_handle(multi, transfer.easy) }
    }
    transfers = [:]
  }

  /// Does not count the time in which nobody waited: answers may have arrived.
  private func excuseAbsence() {
    if let leftAt {
      let absence = MonotonicClock.seconds() - leftAt
      for transfer in transfers.values { transfer.postpone(by: absence) }
    }
    leftAt = nil
  }

  private func takeEnded(_ multi: UnsafeMutableRawPointer) -> [Ended] {
    var ended: [Ended] = []
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      let (easy, code) = (message.pointee.easy_handle, message.pointee.data.result)
      guard let transfer = transfers.values.first(where: { $0.easy == easy }) else { continue }
      let result = Result { () throws(HTTPError) in
        try transfer.answer(code, connecting: timeouts.connecting)
      }
      ended.append(end(transfer, result, multi))
    }
    return ended
  }

  /// Ends the requests whose answers took too long.
  private func takeLate(_ multi: UnsafeMutableRawPointer) -> [Ended] {
    let now = MonotonicClock.seconds()
    var ended: [Ended] = []
    for transfer in transfers.values {
      if let sent = transfer.sentAt, now - sent > Double(timeouts.answering) {
        let error = HTTPError.timedOut(what: "the answer", seconds: timeouts.answering)
        ended.append(end(transfer, .failure(error), multi))
      } else if let heard = transfer.heardAt, now - heard > Double(timeouts.silent) {
        let error = HTTPError.timedOut(what: "the rest of the answer", seconds: timeouts.silent)
        ended.append(end(transfer, .failure(error), multi))
      }
    }
    return ended
  }

  private func end(
    _ transfer: HTTPTransfer, _ result: Result<HTTPAnswer, HTTPError>,
    _ multi: UnsafeMutableRawPointer
  ) -> Ended {
    curl_multi_remove_handle(multi, transfer.easy)
    transfers[transfer.number] = nil
    return Ended(number: transfer.number, result: result, wasSent: transfer.wasSent)
  }
}
