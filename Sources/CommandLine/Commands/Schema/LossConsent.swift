internal import Arguments
internal import OwnSchema
internal import Schema

/// The operator's consent to the losses that a plan causes.
struct LossConsent {
  let preview: LossPreview
  /// The names of losses that are given with `--allow-loss`.
  let given: [String]
  let isProduction: Bool

  /// The losses that the run is allowed to cause.
  var allowance: LossAllowance {
    // Outside production, the operator has agreed to the preview itself.
    .named(Set(isProduction ? given : given + preview.names), preview)
  }

  /// True where the operator allows the loss with this name.
  func allows(_ name: String) -> Bool { !isProduction || given.contains(name) }

  /// Refuses names in `--allow-loss` that match no loss of the plan.
  func checkNames() throws {
    let names = preview.names
    // Where a loss is unknown, any name may refer to it.
    if preview.unknown.isEmpty, let unknown = given.first(where: { !names.contains($0) }) {
      let meant = Suggestion.nearest(to: unknown, among: names)
      throw SchemaError(
        "--allow-loss \(Self.quoted(unknown)) names nothing that would be lost",
        remedy: meant.isEmpty
          ? names.isEmpty
            ? "leave the option out: nothing would be lost"
            : "the following would be lost: \(options(names))"
          : "did you mean \(options(meant))?")
    }
  }

  /// The options that a run in production still needs, as the operator would type them; nil where
  /// none is missing.
  var missing: String? {
    let names = isProduction ? preview.names.filter { !given.contains($0) } : []
    return names.isEmpty ? nil : options(names)
  }

  /// Refuses a plan in production whose losses the operator has not named.
  func check() throws {
    try checkNames()
    guard let missing else { return }
    throw SchemaError(
      "in production everything that would be lost must be named, and nothing was executed",
      remedy: "if the named things may be lost, add \(missing)")
  }

  /// Returns `--allow-loss` options for these names, as the operator would type them.
  private func options(_ names: [String]) -> String {
    names.map { "--allow-loss \(Self.quoted($0))" }.joined(separator: " ")
  }

  /// Quotes a word for the shell.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "._-".unicodeScalars.contains(scalar)
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
