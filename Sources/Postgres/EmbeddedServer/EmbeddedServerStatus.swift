/// The state of an embedded server, and its paths.
public struct EmbeddedServerStatus: Sendable, Equatable {
  /// The state of the server's data and process.
  public enum State: Sendable, Equatable {
    /// There are no data yet: the first start creates them.
    case absent
    /// There are data, but no server runs.
    case stopped
    /// The server runs under this process number, and does not answer yet or is stopping.
    case starting(Int32)
    /// The server runs under this process number, and answers.
    case running(Int32)
  }

  /// The state of the server's data and process.
  public let state: State
  /// The address on which the server listens while it runs.
  public let address: EmbeddedServerAddress
  /// The path of the directory with the server's data.
  public let dataDirectory: String
  /// The path of the server's log.
  public let log: String
  /// The account that runs the server.
  public let account: String
  /// The major version of the data, nil where there are none.
  public let major: Int?
}
