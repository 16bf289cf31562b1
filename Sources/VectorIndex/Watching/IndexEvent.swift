package import Postgres

/// The events that work on an index reports.
package enum IndexEvent: Sendable {
  /// An INVALID index of an earlier attempt was dropped.
  case leftoverRemoved(String)
  /// A build begins.
  case building(BuildPlan)
  /// The progress of a build.
  case progress(BuildProgress)
  /// The work waits for this session; reported once for each session.
  case waiting(Blocker)
  /// A notice of the server, for example that memory was exceeded.
  case notice(String)
  /// Searches are being timed and compared with an exact scan.
  case measuring(String)
  /// An index is being dropped while others use the table.
  case dropping(String)
  /// An INVALID index could not be dropped; `remedy` is the command that drops or repairs it.
  case leftInvalid(String, remedy: String)
  /// An INVALID index is being rebuilt.
  case rebuilding(String)
}
