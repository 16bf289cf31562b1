import Glibc

/// The environment variables of the process, or variables that a test sets.
struct Environment: Sendable {
  private let lookUp: @Sendable (String) -> String?

  /// The variables of this process.
  static let process = Environment { name in getenv(name).map { String(cString: $0) } }

  /// Creates an environment that looks up variables with `lookUp`.
  init(_ lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

  /// Creates an environment with exactly these variables.
  init(_ variables: [String: String]) { self.init { variables[$0] } }

  /// The value of a variable; nil where it is unset or empty.
  subscript(name: String) -> String? {
    guard let value = lookUp(name), !value.isEmpty else { return nil }
    return value
  }
}
