internal import Migration
internal import Stores
final class JournalRecorder: RunRecorder {
  init(directory: String, database: String, console: Console) {}
  func failedStores() throws -> Set<StoreName> { [] }
  func begin(run: RunID, startedAt: CalendarTime, stores: [PlannedStore]) throws {}
  func started(_ store: PlannedStore) {}
  func finished(_ result: StoreResult) {}
  func end(exitCode: Int32) {}
}
