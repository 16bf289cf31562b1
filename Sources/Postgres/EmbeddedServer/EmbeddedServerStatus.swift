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
