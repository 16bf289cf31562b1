/// What an operator may want to know of the server at once.
package enum ServerEvent: Sendable {
  /// It does not answer; it is tried for so many seconds.
  case away(Failure, giveUpAfter: Int)
  /// It answers again after so many seconds.
  case back(seconds: Double)
}
