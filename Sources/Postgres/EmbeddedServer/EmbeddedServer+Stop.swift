import Glibc

extension EmbeddedServer {
  /// Stops the server and waits for its end; open transactions are rolled back.
  ///
  /// - Returns: false if it was not running.
  @discardableResult
  public func stop(seconds: Int = 60) throws(EmbeddedServerError) -> Bool {
    let place = try ServerPlace.find(home: directory)
    guard File.owner(of: place.home) != nil else { return false }
    let lock = FileLock(path: place.lock, owner: place.account)
    return try lock.hold(seconds: seconds) { () throws(EmbeddedServerError) in
      let postmaster = Postmaster(data: place.data)
      guard let process = postmaster.process else { return false }
      try end(process, of: postmaster, seconds: seconds)
      return true
    }
  }

  // Fast shutdown, and where that hangs the immediate one, which recovers at the next start.
  private func end(
    _ process: pid_t, of postmaster: Postmaster, seconds: Int
  ) throws(EmbeddedServerError) {
    for (signal, patience) in [(SIGINT, seconds), (SIGQUIT, 10)] {
      guard kill(process, signal) == 0 || errno == ESRCH else {
        throw .system(operation: "stop", path: "process \(process)", code: errno)
      }
      let ended = Patience.wait(seconds: patience) {
        _ = ChildProcess.poll(process)
        return postmaster.process == nil && kill(process, 0) != 0
      }
      if ended { return }
    }
    throw .unstoppable(process: process, seconds: seconds + 10)
  }

  /// What the server is doing and where its things are; touches nothing.
  public func status() throws(EmbeddedServerError) -> EmbeddedServerStatus {
    let place = try ServerPlace.find(home: directory)
    let data = DataDirectory(path: place.data)
    let state: EmbeddedServerStatus.State
    if let process = Postmaster(data: place.data).process {
      state = answers(place.address) ? .running(process) : .starting(process)
    } else {
      state = data.state == .whole ? .stopped : .absent
    }
    return EmbeddedServerStatus(
      state: state, address: place.address, dataDirectory: place.data, log: place.log,
      account: place.account?.name ?? ServerAccount.name(of: geteuid()), major: data.major)
  }
}

/// What an embedded server is doing, and where its things are.
public struct EmbeddedServerStatus: Sendable, Equatable {
  /// Whether it runs.
  public enum State: Sendable, Equatable {
    /// It has no data yet: the first start makes them.
    case absent
    /// It has data and does not run.
    case stopped
    /// It runs and does not answer yet, or is stopping.
    case starting(Int32)
    /// It runs and answers, as this process.
    case running(Int32)
  }

  /// Whether it runs.
  public let state: State
  /// Where it listens, or would.
  public let address: EmbeddedServerAddress
  /// Its data.
  public let dataDirectory: String
  /// Its log.
  public let log: String
  /// The account that it runs as.
  public let account: String
  /// The major version of its data, nil where there are none.
  public let major: Int?
}
