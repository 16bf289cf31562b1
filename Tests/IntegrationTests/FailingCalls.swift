import Foundation
import TestSupport

/// The library of `Fixtures/failing-calls.c`, which a process preloads: it makes calls fail, and
/// records changes of files.
enum FailingCalls {
  /// The kinds of calls that can fail.
  enum Kind: String, CaseIterable {
    case open, read, write, sync, rename, malloc, copy, busy
  }

  /// The path of the library, which is compiled once for the tests of a process; nil where there is
  /// no C compiler.
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

  /// True where the library could be compiled.
  static var isPossible: Bool { library != nil }

  // The folder stays as long as the process of the tests.
  private static let place: TemporaryDirectory = {
    // swift-format-ignore: NeverUseForceTry
    try! TemporaryDirectory("calls")  // Without a folder for temporary files no test runs.
  }()

  /// Returns the variables that make the call `number` of a kind fail; only calls for files below
  /// `folder` are counted.
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

  /// Returns the variables that make a process record every change of files below `folder`.
  static func recording(to file: String, below folder: String) -> [String: String] {
    ["LD_PRELOAD": library ?? "", "RECORD_TO": file, "RECORD_BELOW": folder]
  }
}
