package import Postgres

/// The events of work on an index that are shown to the operator.
package enum IndexEvent: Sendable {
  /// An INVALID index that an earlier run had left behind was dropped.
  case leftoverRemoved(String)
  /// The build of an index begins.
  case building(BuildPlan)
  /// The build of an index has come this far.
  case progress(BuildProgress)
  /// The work waits for another session; each such session is reported once.
  case waiting(Blocker)
  /// The server has sent a notice, for example that memory is not sufficient.
  case notice(String)
  /// Searches through the named indexes are being measured.
  case measuring(String)
  /// The index of this name is being dropped, while other sessions use the table.
  case dropping(String)
  /// This INVALID index could not be dropped; `remedy` drops or repairs it.
  case leftInvalid(String, remedy: String)
  /// The INVALID index of this name is being rebuilt.
  case rebuilding(String)
}
