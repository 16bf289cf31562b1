/// A change of the server's state that the operator should know at once.
package enum ServerEvent: Sendable {
  /// The server does not answer; the run keeps trying for so many seconds.
  case away(Failure, giveUpAfter: Int)
  /// The server answers again after so many seconds.
  case back(seconds: Double)
}
