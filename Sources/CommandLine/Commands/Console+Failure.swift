internal import Files
internal import Messages
internal import JSON
internal import Ledger
internal import Search
internal import Stores

extension Console {
  /// Reports an error that ends a command, for people or as JSON, and returns the exit code.
  func report(
    failure error: any Error, asJSON: Bool, of work: ExitCode.Work = .whole
  ) -> ExitCode {
    let failure = Failure(preflight: error)
    let code = ExitCode(for: failure, of: work)
    diagnostics.fail("\(failure.reason)")
    if let remedy = failure.remedy { diagnostics.note("  Remedy: \(remedy)") }
    if asJSON {
      output.print(json: ["error": failure.json, "exit_code": .int(Int(code.rawValue))])
    }
    return code
  }
}

extension Failure {
  /// Creates the failure that ends a command from any error; an interruption stays an interruption.
  fileprivate init(preflight error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as StoreError where error.kind == .interrupted: self.init(error)
    case let error as StoreError:
      let cause = Failure(error)
      self.init(.preflight, cause.reason, remedy: cause.remedy)
    case let error as SearchError:
      self.init(.preflight, error.problem, remedy: error.remedy.isEmpty ? nil : error.remedy)
    default: self.init(.preflight, "\(error)")
    }
  }
}
