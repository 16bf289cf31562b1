/// A change of the server's state that the operator should know at once.
package enum ServerEvent: Sendable {
  /// The server does not answer; the run keeps trying for `giveUpAfter` seconds.
  case away(Failure, giveUpAfter: Int)
  /// The server answers again after this number of seconds.
  case back(seconds: Double)
}
