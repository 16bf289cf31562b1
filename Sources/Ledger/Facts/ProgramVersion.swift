/// What this program calls itself.
public enum ProgramVersion {
  /// The version, as `--version` prints it.
  public static let current = "0.1.0"
}
