internal import Messages
internal import Arguments
internal import Ledger
internal import Glibc
internal import Postgres
internal import Stores

/// Runs the whole program: reads the command line, executes a command, and returns the exit code.
public enum Application {
  /// Runs the program with the arguments that C's `main` received.
  ///
  /// Swift's own list of arguments comes from /proc, and is empty where /proc is not mounted.
  public static func run(
    argc: Int32, argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> Int32 {
    prepareProcess()
    guard argc > 0, let argv, let arguments = words(argc, argv) else {
      Console.process(isQuiet: false).diagnostics.fail(
        "the arguments could not be read: the program was started without a command line")
      return ExitCode.usage.rawValue
    }
    return run(arguments: Array(arguments.dropFirst()))
  }

  /// Returns the arguments as strings; nil where a pointer in the list is null.
  private static func words(
    _ count: Int32, _ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> [String]? {
    var words: [String] = []
    for index in 0..<Int(count) {
      guard let word = list[index] else { return nil }
      words.append(String(cString: word))
    }
    return words
  }

  /// Runs the command that the arguments name, and returns the exit code of the process.
  private static func run(arguments: [String]) -> Int32 {
    let program = Program.vectorFerry(version: ProgramVersion.current)
    let request: Request<Invocation>
    do throws(UsageError) {
      request = try program.parse(arguments)
    } catch {
      return Console.process(isQuiet: false).report(error, of: program).rawValue
    }
    return finish(request, program: program)
  }

  private static func finish(_ request: Request<Invocation>, program: Program<Invocation>)
    -> Int32
  {
    let console = Console.process(isQuiet: request.isQuiet)
    console.diagnostics.reportWaits()
    var code: ExitCode
    switch request {
    case .version:
      console.printVersion(of: program)
      code = .done
    case .versions:
      console.printVersion(of: program)
      for line in LibraryVersions.lines { console.print(line) }
      code = .done
    case .help(let path):
      console.printHelp(of: program, path: path)
      code = .done
    case .run(let invocation):
      code = invocation.run(on: console, environment: ProcessEnvironment.variables)
    }
    do throws(SinkFailure) {
      try console.output.finish()
    } catch {
      console.diagnostics.fail("standard output could not be written")
      if code == .done { code = ExitCode(for: error) }
    }
    return code.rawValue
  }

  private static func prepareProcess() {
    prepareStandardStreams()
    Interruption.install()
    // The memory of a run holds keys and other people's texts: no core file may contain them.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    // The limit does not apply where the system pipes core files to a handler: the filter makes
    // such core files empty.
    let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
    if filter >= 0 {
      _ = write(filter, "0", 1)
      close(filter)
    }
    // A name server that does not answer must not delay the report of an unreachable database.
    setenv("RES_OPTIONS", "timeout:2 attempts:1", 0)
  }
}

extension Request where Invocation == CommandLineInvocation {
  /// True where progress and notes are not printed.
  fileprivate var isQuiet: Bool {
    switch self {
    case .run(.migrate(let arguments)): arguments.detail.quiet
    case .run(.verify(let arguments)): arguments.detail.quiet
    case .run(.index(let command)): command.isQuiet
    case .run(.reembed(let arguments)): arguments.quiet
    default: false
    }
  }
}

/// The environment variables of this process.
enum ProcessEnvironment {
  /// All variables that are set, with their values.
  static var variables: [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let words = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if words.count == 2 { variables[String(words[0])] = String(words[1]) }
      entry += 1
    }
    return variables
  }
}
