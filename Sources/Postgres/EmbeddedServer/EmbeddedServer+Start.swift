internal import Files
import Glibc

extension EmbeddedServer {
  /// Starts the server unless it runs already, and waits until it answers; creates the data first
  /// where there are none.
  ///
  /// Two commands that do this at once share one server. `notice` is called when data are created,
  /// and when a half-created directory was moved away.
  @discardableResult
  public func start(
    seconds: Int = 120, notice: (String) -> Void = { _ in }
  ) throws(EmbeddedServerError) -> EmbeddedServerAddress {
    let place = try ServerPlace.find(home: directory)
    if place.isSettled, answers(at: place) { return place.address }
    try place.makeHome()
    let lock = FileLock(path: place.lock, owner: place.account)
    return try lock.hold(seconds: seconds) { (holder) throws(EmbeddedServerError) in
      // An earlier holder of the lock may have changed things.
      var place = try ServerPlace.find(home: directory)
      try place.prepare()
      if try !joins(at: place, seconds: seconds) {
        try makeData(at: place, holding: holder, notice: notice)
        try launch(at: place, seconds: seconds)
      }
      return place.address
    }
  }

  /// Waits until a running server answers; returns false where no server runs, or where the server
  /// ends.
  private func joins(at place: ServerPlace, seconds: Int) throws(EmbeddedServerError) -> Bool {
    let postmaster = place.postmaster
    guard let process = postmaster.process else { return false }
    let settled = Polling.wait(seconds: seconds) {
      answers(at: place) || postmaster.process != process || isCutOff(at: place)
    }
    if answers(at: place) { return true }
    guard settled else {
      throw .silent(log: place.log, tail: ServerLog.tail(of: place.log, from: 0), seconds: seconds)
    }
    // The running server's socket was removed, or that server is stopping.
    if postmaster.process == process { try end(process, of: postmaster, seconds: seconds) }
    return false
  }

  private func makeData(
    at place: ServerPlace, holding lock: FileLock.Holder, notice: (String) -> Void
  ) throws(EmbeddedServerError) {
    let data = DataDirectory(path: place.data)
    if data.state == .incomplete {
      notice("\(place.data) was not created completely: moved to \(try data.setAside())")
    }
    guard data.state == .absent else { return }
    let binaries = try binaries(at: place)
    notice(
      """
      Making a database in \(place.data) \
      (PostgreSQL \(binaries.major), pgvector \(binaries.vectorVersion))
      """)
    try data.initialise(with: binaries, as: place.account, holding: lock)
  }

  private func launch(at place: ServerPlace, seconds: Int) throws(EmbeddedServerError) {
    let binaries = try binaries(at: place)
    let postmaster = place.postmaster
    postmaster.endOrphans()
    postmaster.forget()
    // The directory belongs to this program alone and no server uses it, so these files are
    // leftovers.
    unlink(place.address.socket)
    unlink("\(place.address.socket).lock")
    let log = try ServerLog(path: place.log, owner: place.account)
    let server = ChildProcess(
      program: binaries.path(of: "postgres"),
      arguments: [
        "-D", place.data, "-p", "\(place.address.port)", "-c", "listen_addresses=",
        "-c", "unix_socket_directories=\(place.sockets)", "-c", "unix_socket_permissions=0700",
      ],
      account: place.account)
    let process = try log.file.withNumber { output throws(EmbeddedServerError) in
      try server.launch(output: output)
    }
    // During crash recovery the server does not answer: the wait continues while the process lives.
    var ended: Int32?
    let settled = Polling.wait(seconds: seconds) {
      ended = ChildProcess.poll(process)
      return ended != nil || answers(at: place)
    }
    let tail = ServerLog.tail(of: place.log, from: log.start)
    if ended != nil { throw .ended(log: place.log, tail: tail) }
    if !settled { throw .silent(log: place.log, tail: tail, seconds: seconds) }
  }

  /// True where the server runs, reports that it is ready, and accepts a connection.
  func answers(at place: ServerPlace) -> Bool {
    place.postmaster.process != nil && place.postmaster.isReady && place.address.connects
  }

  private func isCutOff(at place: ServerPlace) -> Bool {
    place.postmaster.isReady && !File.exists(place.address.socket)
  }
}
