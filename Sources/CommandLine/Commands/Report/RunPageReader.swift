internal import Journal
internal import Ledger
internal import Machine
internal import Messages
internal import Models
internal import Postgres
internal import Report
internal import Stores

/// Collects the facts of a run's page from the journal and the ledger.
struct RunPageReader {
  /// The directory of the backups and the journal.
  let backupDirectory: String
  /// Opens a session with the run's database; nil where the database must not be asked.
  let connect: (() throws -> Connection)?

  /// Reads the page of a run; a database that cannot be read leaves a gap that the page names.
  func page(of run: RunRecord, in journal: RunJournal) throws -> RunPage {
    var page = try RunPage(run, in: journal, backupDirectory: backupDirectory)
    page.failures = Self.groups(of: page)
    // Only models have energies, and each model was measured.
    guard page.stores.contains(where: { $0.figures.recall != nil }) else { return page }
    do {
      guard let connect else {
        throw Failure(.database, "the server did not answer during the run")
      }
      page.energy = try Self.energy(of: run.id, on: connect())
    } catch {
      page.gaps.append(
        "The database was not read, so the energy by component is missing: "
          + Failure(error).reason)
    }
    return page
  }

  private static func groups(of page: RunPage) -> [RunPage.FailureGroup] {
    let failures = page.stores.compactMap { store -> (name: StoreName, failure: Failure)? in
      guard store.record.outcome.isFailure else { return nil }
      return (
        store.name,
        Failure(.unknown, store.reason ?? store.outcome, remedy: store.figures.remedy)
      )
    }
    return FailureGroups(failures).groups.map { group in
      RunPage.FailureGroup(
        reason: group.failure.reason, remedy: group.failure.remedy,
        similar: group.reasons.count - 1, stores: group.stores)
    }
  }

  private static func energy(of run: RunID, on connection: Connection) throws
    -> [RunPage.EnergyLine]
  {
    let curves = try connection.transaction(.repeatableRead, readOnly: true) {
      try ModelCatalogue(connection).energyCurves(of: run, limit: RunPage.mostModels)
    }
    return curves.map { curve in
      let name = curve.isShared ? "shared by several stores" : curve.store.description
      return RunPage.EnergyLine(
        name: "\(name), \(curve.sourceDimensions) to \(curve.dimensions), "
          + "fitted to \(counted(curve.fittedRows, "row"))",
        points: curve.points.map { .init(components: $0.components, share: $0.share) })
    }
  }
}
