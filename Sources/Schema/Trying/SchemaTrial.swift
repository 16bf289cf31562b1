internal import MigrationFiles
package import SQLText
internal import Postgres

/// What a trial has seen.
package struct SchemaTrial: Sendable, Equatable {
  /// A lock that a statement has taken.
  package struct Lock: Sendable, Equatable, Hashable {
    /// The table or index.
    package let relation: String
    /// The lock's mode, `AccessExclusiveLock` say.
    package let mode: String
  }

  /// One statement, and what it did or would do.
  package struct Entry: Sendable, Equatable {
    /// The migration.
    package let step: SchemaPlan.Step
    /// The statement.
    package let statement: SQLStatement
    /// Why it was not executed; nil where it was, and rolled back.
    package let untried: String?
    /// True where it was executed and rolled back.
    package var isTried: Bool { untried == nil }
    /// The locks it took on tables and indexes that were there before.
    package let locks: [Lock]
    /// What is dangerous about it.
    package let warnings: [String]
  }

  /// The statements in order.
  package var entries: [Entry] = []
  /// The statement that failed, if one did.
  package var failure: String?
  /// True where the live run would meet the same failure: nothing about the trial can be its cause.
  package var isFailureCertain = false
  /// True where a migration itself has refused by RAISE, because the database is not fit for it.
  package var isRefusal = false
  /// What the plan takes away.
  package var losses = LossPreview()
  /// What a migration makes that goes with the session of a run.
  package struct Temporary: Sendable, Equatable {
    /// The migration.
    package let step: SchemaPlan.Step
    /// What it makes.
    package let objects: [TemporaryObject]
  }

  /// What goes with the session of a run, for each migration that makes such objects.
  package var temporary: [Temporary] = []
  /// Sequences that a statement has set and that could not be put back again.
  package var sequencesSetBack: [String] = []
}

/// How far a trial goes.
package struct TrialOptions: Sendable, Equatable {
  /// Warns of what is dangerous in production.
  package var isProduction = false
  /// Looks at the locks of each statement and at tables that are rewritten.
  package var watchesLocks = false
  /// How many seconds it may take; nil sets no bound, zero leaves it out.
  package var seconds: Double?
  /// Beyond this many bytes the values of a table are not compared.
  var largestCompared = MeasureMethod.largestTable

  /// A trial for a preview: its locks are let go after so many seconds.
  package static func preview(seconds: Double) -> TrialOptions { TrialOptions(seconds: seconds) }

  /// A trial that tells about every statement, however long it takes.
  package static func dryRun(isProduction: Bool, seconds: Double? = nil) -> TrialOptions {
    TrialOptions(isProduction: isProduction, watchesLocks: true, seconds: seconds)
  }
}

extension SchemaRunner {
  /// Executes a plan in a transaction that is rolled back, as far as PostgreSQL allows it.
  ///
  /// What cannot be in a transaction is left out; a statement that fails after such a one may be
  /// right all the same. What goes is found by comparing before and after, and counted when the
  /// transaction has been rolled back, so that its locks are held no longer than the statements
  /// take.
  package func tryOut(_ plan: SchemaPlan, _ options: TrialOptions) throws -> SchemaTrial {
    let trial = TrialRun(self, options)
    guard options.seconds != 0 else {
      trial.leaveOut(plan.steps, because: "the trial was left out (--trial-seconds 0)")
      return trial.result
    }
    try locked {
      let sequences = try SequencePositions.read(connection)
      try trial.run(plan, from: sequences)
      let failed = try trial.putSequencesBack()
      trial.result.sequencesSetBack = Set(failed + (try sequences.restore(on: connection))).sorted()
      try trial.count(plan)
    }
    return trial.result
  }

  /// The steps that no other process has carried out since the plan was made.
  func remaining(_ plan: SchemaPlan) throws -> [SchemaPlan.Step] {
    let state = try self.state()
    return plan.steps.filter { step in
      let row = state.migrations.first { versionsEqual($0.version, step.version) }?.row
      // What goes down first and then up again is there for now.
      if plan.steps.contains(where: { !$0.isUp && $0.version == step.version }) {
        return step.isUp || row != nil
      }
      // What is run again whenever it changes has a row from the last time.
      return row?.isApplied != true || step.migration?.isRepeatable == true
    }
  }
}
