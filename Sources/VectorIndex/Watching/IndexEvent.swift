package import Postgres

/// What the work on an index tells while it goes on.
package enum IndexEvent: Sendable {
  /// An INVALID index of an earlier try was dropped.
  case leftoverRemoved(String)
  /// A build begins.
  case building(BuildPlan)
  /// So far it is.
  case progress(BuildProgress)
  /// It waits for this session; told once for each.
  case waiting(Blocker)
  /// The server said so: memory was exceeded, for one.
  case notice(String)
  /// Searches are being timed and compared with an exact scan.
  case measuring(String)
  /// An index is being dropped without keeping anybody from the table.
  case dropping(String)
  /// An INVALID index stays behind, and this mends it.
  case leftInvalid(String, remedy: String)
  /// An INVALID index is being built anew.
  case rebuilding(String)
}
