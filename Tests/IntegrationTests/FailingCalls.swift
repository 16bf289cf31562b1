import Foundation
import TestSupport

/// The preloaded library of `Fixtures/failing-calls.c`: calls that fail, and changes of files that
/// are recorded.
enum FailingCalls {
  /// What can be made to fail.
  enum Kind: String, CaseIterable {
    case open, read, write, sync, rename, malloc, copy, busy
  }

  /// The library, compiled once for the tests of one process; nil where there is no C compiler.
  static let library: String? = {
    let compilers = ["/usr/bin/cc", "/usr/bin/gcc", "/opt/swift/usr/bin/clang", "/usr/bin/clang"]
    guard let compiler = compilers.first(where: FileManager.default.isExecutableFile) else {
      return nil
    }
    let source = "\(Oracle.repository)/Tests/IntegrationTests/Fixtures/failing-calls.c"
    guard
      let outcome = try? run(
        compiler, ["-shared", "-fPIC", "-O1", "-o", place.file("calls.so"), source, "-ldl"])
    else { return nil }
    return outcome.status == 0 ? place.file("calls.so") : nil
  }()

  /// True where calls can be made to fail.
  static var isPossible: Bool { library != nil }

  // Lives as long as the tests do.
  private static let place: TemporaryDirectory = {
    // swift-format-ignore: NeverUseForceTry
    try! TemporaryDirectory("calls")  // Without a folder for temporary files no test runs.
  }()

  /// The variables that make the call `number` of a kind fail, counted below `folder`.
  static func failing(
    _ kind: Kind, at number: Int, always: Bool, below folder: String, mark: String
  ) -> [String: String] {
    var variables = [
      "LD_PRELOAD": library ?? "", "FAIL_KIND": kind.rawValue, "FAIL_AT": "\(number)",
      "FAIL_BELOW": folder, "FAIL_MARK": mark,
    ]
    if always { variables["FAIL_ALWAYS"] = "1" }
    return variables
  }

  /// The variables that record every change below `folder`.
  static func recording(to file: String, below folder: String) -> [String: String] {
    ["LD_PRELOAD": library ?? "", "RECORD_TO": file, "RECORD_BELOW": folder]
  }
}
