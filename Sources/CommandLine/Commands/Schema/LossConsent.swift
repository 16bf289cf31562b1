internal import Arguments
internal import OwnSchema
internal import Schema

/// Whether what a plan takes away has been allowed.
struct LossConsent {
  let preview: LossPreview
  /// The names given with `--allow-loss`.
  let given: [String]
  let isProduction: Bool

  /// What the run may take away.
  var allowance: LossAllowance {
    // Outside of production the preview itself is what was agreed to.
    .named(Set(isProduction ? given : given + preview.names), preview)
  }

  /// True where a name is allowed.
  func allows(_ name: String) -> Bool { !isProduction || given.contains(name) }

  /// Refuses names that nothing bears.
  func checkNames() throws {
    let names = preview.names
    // Behind what is not known anything may be meant.
    if preview.unknown.isEmpty, let slip = given.first(where: { !names.contains($0) }) {
      let meant = Suggestion.nearest(to: slip, among: names)
      throw SchemaError(
        "--allow-loss \(Self.quoted(slip)) names nothing that goes",
        remedy: meant.isEmpty
          ? names.isEmpty ? "leave it out: nothing goes" : "what goes: \(options(names))"
          : "did you mean \(options(meant))?")
    }
  }

  /// The options that production still needs, ready to type; nil where none is missing.
  var missing: String? {
    let names = isProduction ? preview.names.filter { !given.contains($0) } : []
    return names.isEmpty ? nil : options(names)
  }

  /// Refuses what has not been named.
  func check() throws {
    try checkNames()
    guard let missing else { return }
    throw SchemaError(
      "in production whatever goes must be named, and nothing was executed",
      remedy: "if all of it may go, add \(missing)")
  }

  /// The names as options, ready to type.
  private func options(_ names: [String]) -> String {
    names.map { "--allow-loss \(Self.quoted($0))" }.joined(separator: " ")
  }

  /// A word as a shell takes it.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "._-".unicodeScalars.contains(scalar)
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
