internal import MigrationFiles
package import SQLText
internal import Postgres

/// The results of a trial.
package struct SchemaTrial: Sendable, Equatable {
  /// A lock that a statement has taken.
  package struct Lock: Sendable, Equatable, Hashable {
    /// The table or index that is locked.
    package let relation: String
    /// The mode of the lock, such as `AccessExclusiveLock`.
    package let mode: String
  }

  /// A statement of the trial, and its effects.
  package struct Entry: Sendable, Equatable {
    /// The migration that contains the statement.
    package let step: SchemaPlan.Step
    /// The statement.
    package let statement: SQLStatement
    /// The reason why the trial has not executed the statement; nil where the statement was
    /// executed and rolled back.
    package let untried: String?
    /// True where the statement was executed and rolled back.
    package var isTried: Bool { untried == nil }
    /// The locks that the statement takes on tables and indexes that existed before the trial.
    package let locks: [Lock]
    /// The dangers of the statement.
    package let warnings: [String]
  }

  /// The statements of the trial, in order.
  package var entries: [Entry] = []
  /// The place and the error of the statement that failed; nil where no statement failed.
  package var failure: String?
  /// True where the live run would fail in the same way; false where the trial itself may be the
  /// cause of the failure.
  package var isFailureCertain = false
  /// True where a migration has stopped the trial by RAISE, because the database does not suit it.
  package var isRefusal = false
  /// The losses that the plan causes.
  package var losses = LossPreview()
  /// The objects of one migration that will be deleted when the run's session ends.
  package struct Temporary: Sendable, Equatable {
    /// The migration that creates the objects.
    package let step: SchemaPlan.Step
    /// The objects that are deleted at the end of the session.
    package let objects: [TemporaryObject]
  }

  /// The migrations that create objects which are deleted when the run's session ends.
  package var temporary: [Temporary] = []
  /// The sequences that a statement of the trial has set, and whose earlier position could not be
  /// restored.
  package var sequencesNotRestored: [String] = []
}

/// The limits of a trial, and what it reports.
package struct TrialOptions: Sendable, Equatable {
  /// True where the trial also warns about dangers in production.
  package var isProduction = false
  /// True where the trial records the locks of each statement and the tables that it rewrites.
  package var watchesLocks = false
  /// The seconds that the trial may take; nil sets no limit, and zero means that there is no trial.
  package var seconds: Double?
  /// The size in bytes of the largest table whose values are compared.
  var largestCompared = MeasureMethod.largestTable

  /// Returns the limits for a preview; its locks are released after this number of seconds at the
  /// latest.
  package static func preview(seconds: Double) -> TrialOptions { TrialOptions(seconds: seconds) }

  /// Returns the limits for a trial that reports the locks and dangers of every statement.
  package static func dryRun(isProduction: Bool, seconds: Double? = nil) -> TrialOptions {
    TrialOptions(isProduction: isProduction, watchesLocks: true, seconds: seconds)
  }
}

extension SchemaRunner {
  /// Executes a plan in a transaction that is rolled back, as far as PostgreSQL allows it.
  ///
  /// Statements that cannot be in a transaction are left out; a later statement that fails for this
  /// reason may still be correct. Losses are found by comparing the database before and after, and
  /// are counted after the rollback, so that locks are held no longer than the statements take.
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
      trial.result.sequencesNotRestored = Set(failed + (try sequences.restore(on: connection)))
        .sorted()
      try trial.count(plan)
    }
    return trial.result
  }

  /// Returns the steps of a plan that no process has executed since the plan was made.
  func remaining(_ plan: SchemaPlan) throws -> [SchemaPlan.Step] {
    let state = try self.state()
    return plan.steps.filter { step in
      let row = state.migrations.first { versionsEqual($0.version, step.version) }?.row
      // A migration that is undone first and then applied again is still in the database now.
      if plan.steps.contains(where: { !$0.isUp && $0.version == step.version }) {
        return step.isUp || row != nil
      }
      // A repeatable migration has a row from the last time.
      return row?.isApplied != true || step.migration?.isRepeatable == true
    }
  }
}
