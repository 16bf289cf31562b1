internal import Messages
internal import Layouts
internal import Postgres
internal import Stores
internal import Synchronization
internal import VectorIndex

/// Prints the build and other work on indexes for people: results on standard output, the rest on
/// standard error.
final class IndexPrinter: Sendable {
  private struct State {
    var shownPlan: BuildPlan?
    /// The name of the present work, for the warning that it waits for another session.
    var activity = "build"
  }

  private let console: Console
  private let isSilent: Bool
  private let progress: ProgressPlace
  private let state = Mutex(State())

  init(console: Console, isSilent: Bool) {
    self.console = console
    progress = ProgressPlace(on: console.diagnostics)
    self.isSilent = isSilent
  }

  /// Prints an event that occurs during work on an index.
  func handle(_ event: IndexEvent) {
    switch event {
    case .leftoverRemoved(let name): say("Dropped \(name), which a failed build had left INVALID")
    case .building(let plan):
      if state.withLock({ $0.shownPlan }) != plan { show(plan) }
      state.withLock { $0.activity = "build" }
      begin("Building \(plan.name.name)")
    case .progress(let now): show(now)
    case .waiting(let blocker):
      console.diagnostics.warn(
        "the \(state.withLock { $0.activity }) waits for \(blocker.description)")
    case .notice(let text): console.diagnostics.warn("\(text)")
    case .measuring(let what): begin("Measuring \(what)")
    case .dropping(let name):
      endProgress()
      state.withLock { $0.activity = "drop" }
      console.diagnostics.note("Dropping \(name) ...")
    case .leftInvalid(let name, let remedy):
      console.diagnostics.warn("\(name) was left INVALID; run: \(remedy)")
    case .rebuilding(let name):
      state.withLock { $0.activity = "build" }
      begin("Rebuilding \(name)")
    }
  }

  /// Removes the progress line.
  func endProgress() {
    progress.end()
  }

  private func begin(_ label: Message) {
    endProgress()
    progress.begin(label, total: 1000, unit: .share)
  }

  private func show(_ now: BuildProgress) {
    var label: Message = "Index: \(now.phase)"
    if let rows = now.rows { label += ", \(grouped(rows)) rows" }
    if let rate = now.rate { label += ", \(grouped(Int(rate)))/s" }
    if let process = now.blocker?.process { label += ", waits for process \(process)" }
    progress.current?.update(to: Int(now.fraction * 1000), label)
  }

  func say(_ message: Message = "") {
    if !isSilent { console.printWords(message) }
  }
}

extension IndexPrinter {
  /// Prints the decision whether an index is built, and the needs of the build.
  func show(_ decision: BuildDecision) {
    switch decision {
    case .none(let reason): say("No index is needed: \(reason)")
    case .exists(let index):
      say(
        """
        \(index.name.description) exists already: \(index.method.title) \
        (\(index.parameters.description)), \(byteSize(index.bytes))
        """)
    case .build(let plan): show(plan)
    }
  }

  /// Prints the plan of a build and the resources that the build needs; warnings go to standard
  /// error.
  func show(_ plan: BuildPlan) {
    state.withLock { $0.shownPlan = plan }
    let facts = plan.facts
    say(
      """
      \(plan.parameters.method.title) index on \(facts.table.name.description), \
      \(plan.form.description) (\(plan.parameters.description))
      """)
    say(
      """
        Memory: needs \(byteSize(plan.neededMemory)), gets \(byteSize(plan.memory)); built by \
      \(counted(plan.workers + 1, "process", "processes"))
      """)
    let free =
      plan.freeDisk.map { "\(byteSize($0)) are free" }
      ?? "the server's free space is not visible from this machine"
    let place: Message = plan.tablespace == "pg_default" ? "" : " in tablespace \(plan.tablespace)"
    say("  Disk: about \(byteSize(plan.disk))\(place); \(free)")
    say(
      """
        Other sessions: \(grouped(facts.otherSessions)) connected; \
      \(plan.isConcurrent ? "they may read and write meanwhile" : "writers wait for the build")
      """)
    for warning in plan.warnings { console.diagnostics.warn("\(warning)") }
  }

  /// Prints the index that was built.
  func show(_ outcome: IndexBuild.Outcome) {
    endProgress()
    say(
      """
      ✅ Built \(outcome.index.description) in \(outcome.note.seconds.shown(digits: 1)) s: \
      \(byteSize(outcome.bytes)) over \(counted(outcome.note.rows, "row"))
      """)
  }

  /// Prints the result for each INVALID index.
  func show(_ repaired: [IndexRepair.Repaired]) {
    if repaired.isEmpty { say("No index is INVALID") }
    for index in repaired {
      switch index.action {
      case .rebuilt: say("✅ Rebuilt \(index.name)")
      case .dropped: say("✅ Dropped \(index.name), a copy that a failed rebuild had left behind")
      case .failed: say("❌ \(index.name) is still INVALID: \(index.reason ?? "")")
      }
    }
  }
}
