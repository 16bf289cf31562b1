internal import Arguments
internal import Files
internal import Messages
internal import Doctor
internal import Ledger
internal import JSON
internal import Postgres
internal import Stores

/// The command `doctor`, which checks everything that a run needs and changes nothing.
struct DoctorCommand {
  private let arguments: ParsedArguments<DoctorOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<DoctorOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Prints every finding; a finding that would stop a run gives exit code 3.
  func run() -> ExitCode {
    do {
      let choice = try DatabaseChoice.find(
        option: arguments.database.databaseURL, environment: environment)
      var findings: [Finding] = []
      let examination = Examination(options: try options()) { [console] in
        if try choice.isStillToBeMade { return nil }
        return try choice.connectToExisting { console.diagnostics.note("\($0)") }
      }
      try examination.run { finding in
        // The same remedy may apply to two findings; it is printed once.
        let isNew = !findings.contains { $0.remedy == finding.remedy }
        findings.append(finding)
        if !arguments.output.json { show(finding, remedy: isNew ? finding.remedy : nil) }
      }
      if Interruption.isRequested { throw StoreError.interrupted }
      return conclude(findings, database: choice.description)
    } catch {
      return console.report(failure: error, asJSON: arguments.output.json)
    }
  }

  private func conclude(_ findings: [Finding], database: String) -> ExitCode {
    let problems = findings.count { $0.level == .problem }
    let warnings = findings.count { $0.level == .warning }
    let unseen = findings.filter { $0.level == .unknown }.map(\.check)
    let code: ExitCode = problems > 0 ? .preflightFailed : .done
    if arguments.output.json {
      console.output.print(json: [
        "database": .string(database), "findings": .array(findings.map(\.json)),
        "problems": .int(problems), "warnings": .int(warnings),
        "not_seen": .array(unseen.map(JSONValue.string)),
        "exit_code": .int(Int(code.rawValue)),
      ])
    } else if problems > 0 {
      console.print("❌ \(counted(problems, "problem")), \(counted(warnings, "warning"))")
    } else if unseen.isEmpty {
      console.print("✅ No problem was found (\(counted(warnings, "warning")))")
    } else {
      console.print(
        """
        ✅ No problem was found in what could be checked \
        (\(counted(warnings, "warning"))); not checked: \(unseen.joined(separator: ", "))
        """)
    }
    return code
  }

  private func show(_ finding: Finding, remedy: String?) {
    let style: Style =
      switch finding.level {
      case .fine: .green
      case .unknown, .warning: .yellow
      case .problem: .red
      }
    let mark = finding.level.rawValue
    let padding = String(repeating: " ", count: 8 - mark.utf8.count)
    console.print("\(mark, style)\(padding) \(finding.check): \(finding.text)")
    if let remedy { console.print("         Remedy: \(remedy)") }
  }

  private func options() throws -> ExaminationOptions {
    var options = try arguments.filled(ExaminationOptions())
    options.hasMasterKey = !(environment["ENCRYPTION_MASTER_KEY"] ?? "").isEmpty
    return options
  }
}

extension Finding {
  fileprivate var json: JSONValue {
    [
      "check": .string(check), "level": .string(level.rawValue), "finding": .string(text),
      "remedy": JSONValue(remedy),
    ]
  }
}
