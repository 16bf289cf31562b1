internal import CLibPQ
import Glibc

extension EmbeddedServer {
  /// Starts the server unless it runs, makes its data first where there is none, and waits until
  /// it answers.
  ///
  /// Two commands that do this at once share one server. `notice` is told what is worth knowing:
  /// that data is made, that a half-made directory was set aside.
  @discardableResult
  public func start(
    seconds: Int = 120, notice: (String) -> Void = { _ in }
  ) throws(EmbeddedServerError) -> EmbeddedServerAddress {
    var place = try ServerPlace.find(home: directory)
    if answers(place.address), Postmaster(data: place.data).process != nil { return place.address }
    try place.prepare()
    let lock = FileLock(path: place.lock, owner: place.account)
    try lock.hold(seconds: seconds) { () throws(EmbeddedServerError) in
      if Postmaster(data: place.data).process == nil {
        try makeData(at: place, notice: notice)
        try launch(at: place, seconds: seconds)
      } else {
        try waitForAnswer(nil, at: place, logged: 0, seconds: seconds)
      }
    }
    return place.address
  }

  private func makeData(
    at place: ServerPlace, notice: (String) -> Void
  ) throws(EmbeddedServerError) {
    let data = DataDirectory(path: place.data)
    if data.state == .incomplete {
      notice("\(place.data) was never finished: moved to \(try data.setAside())")
    }
    guard data.state == .absent else { return }
    let binaries = try binaries(at: place)
    notice(
      """
      Making a database in \(place.data) \
      (PostgreSQL \(binaries.major), pgvector \(binaries.vectorVersion))
      """)
    try data.initialise(with: binaries, as: place.account)
  }

  private func launch(at place: ServerPlace, seconds: Int) throws(EmbeddedServerError) {
    let binaries = try binaries(at: place)
    let postmaster = Postmaster(data: place.data)
    postmaster.endOrphans()
    postmaster.forget()
    // The directory is ours alone and nobody serves it, so these are leftovers.
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
    let process = try server.launch(output: log.file)
    try waitForAnswer(process, at: place, logged: log.start, seconds: seconds)
  }

  // While it recovers from a crash a server answers only after a while: alive is enough to wait.
  private func waitForAnswer(
    _ process: pid_t?, at place: ServerPlace, logged: Int, seconds: Int
  ) throws(EmbeddedServerError) {
    var ended: Int32?
    let answered = Patience.wait(seconds: seconds) {
      if answers(place.address) { return true }
      if let process { ended = ChildProcess.poll(process) }
      return ended != nil
    }
    let tail = ServerLog.tail(of: place.log, from: logged)
    if ended != nil { throw .ended(log: place.log, tail: tail) }
    if !answered { throw .silent(log: place.log, tail: tail, seconds: seconds) }
  }

  func answers(_ address: EmbeddedServerAddress) -> Bool {
    PQping("\(address.conninfo) connect_timeout=5") == PQPING_OK
  }
}
