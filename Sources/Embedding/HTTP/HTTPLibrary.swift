internal import CCurl

/// The library that makes requests.
public enum HTTPLibrary {
  /// The library's name and version, as in `libcurl 8.5.0`.
  public static var version: String {
    // The first word of `libcurl/8.5.0 OpenSSL/3.0.13 …`.
    let words = curl_version().map { String(cString: $0) } ?? "libcurl"
    return String(words.prefix { $0 != " " }.replacing("/", with: " "))
  }
}
