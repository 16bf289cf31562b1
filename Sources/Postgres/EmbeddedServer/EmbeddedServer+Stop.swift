import Glibc

extension EmbeddedServer {
  /// Stops the server and waits for its end; open transactions are rolled back.
  ///
  /// - Returns: false if the server was not running.
  @discardableResult
  public func stop(seconds: Int = 60) throws(EmbeddedServerError) -> Bool {
    guard File.exists(directory) else { return false }
    let place = try ServerPlace.find(home: directory)
    let lock = FileLock(path: place.lock, owner: place.account)
    return try lock.hold(seconds: seconds) { (_) throws(EmbeddedServerError) in
      // An earlier holder of the lock may have changed things.
      let postmaster = try ServerPlace.find(home: directory).postmaster
      guard let process = postmaster.process else { return false }
      try end(process, of: postmaster, seconds: seconds)
      return true
    }
  }

  // Fast shutdown first; where that hangs, immediate shutdown, after which the next start recovers.
  func end(
    _ process: pid_t, of postmaster: Postmaster, seconds: Int
  ) throws(EmbeddedServerError) {
    for (signal, timeout) in [(SIGINT, seconds), (SIGQUIT, 10)] {
      guard kill(process, signal) == 0 || errno == ESRCH else {
        throw .system(operation: "stop", path: "process \(process)", code: errno)
      }
      let ended = Polling.wait(seconds: timeout) {
        _ = ChildProcess.poll(process)
        return postmaster.process == nil && kill(process, 0) != 0
      }
      if ended { return }
    }
    throw .unstoppable(process: process, seconds: seconds + 10)
  }

  /// Reads the state and the paths of the server; changes nothing.
  public func status() throws(EmbeddedServerError) -> EmbeddedServerStatus {
    let place = try ServerPlace.find(home: directory)
    let data = DataDirectory(path: place.data)
    let state: EmbeddedServerStatus.State
    if let process = place.postmaster.process {
      state = answers(at: place) ? .running(process) : .starting(process)
    } else {
      state = data.state == .whole ? .stopped : .absent
    }
    return EmbeddedServerStatus(
      state: state, address: place.address, dataDirectory: place.data, log: place.log,
      account: place.account?.name ?? ServerAccount.name(of: geteuid()), major: data.major)
  }
}
