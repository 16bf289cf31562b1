/// The version of this program.
package enum ProgramVersion {
  /// The version, as `--version` prints it.
  package static let current = "0.2.0"
}
