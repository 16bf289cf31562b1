internal import CLibPQ

extension Connection {
  /// The version of libpq, as in `15.18`.
  public static var libraryVersion: String {
    let number = PQlibVersion()
    return "\(number / 10_000).\(number % 10_000)"
  }
}
