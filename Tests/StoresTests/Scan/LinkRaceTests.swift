import Files
import Foundation
import Glibc
import Stores
import Synchronization
import TestSupport
import Testing

@Suite("Link races")
struct LinkRaceTests {
  @Test("a directory or file exchanged for a link while it is read never leads outside")
  func races() throws {
    let rounds = Oracle.isFullRun ? 200 : 12
    var outcomes: [String: Int] = [:]
    // On a loaded machine the threads may alternate so rarely that more rounds are needed.
    for round in 0..<20 * rounds {
      let sawBoth = outcomes["read", default: 0] > 0 && outcomes["notRegular", default: 0] > 0
      if round >= rounds, sawBoth { break }
      let maker = try StoreMaker(user: "alice")
      try maker.write(rows: [[1, 2]], json: #"[{"id": "a", "text": "inside"}]"#)
      let outside = "outside/vector_store_notes"
      try maker.directory.write(pickledVectors([[9, 9]]), to: "\(outside)/vectors.pkl")
      try maker.directory.write(
        #"[{"id": "a", "text": "CANARY"}]"#, to: "\(outside)/metadata.json")
      let swap = Swap(round, root: maker.root, outside: maker.directory.file("outside"))
      swap.start()
      for _ in 0..<100 {
        do {
          for store in try StoreScanner(root: maker.root).stores() where store.refusal == nil {
            let reader = try StoreReader(
              directory: store.path, store: store, keys: KeyRing(environment: [:]))
            let all = try reader.all()
            #expect(all.map(\.document.text) == ["inside"])
            #expect(all.map(\.vector) == [[1, 2]])
            outcomes["read", default: 0] += 1
          }
        } catch let error as StoreError {
          outcomes["\(error.kind)", default: 0] += 1
        }
      }
      #expect(swap.stop() > 0)
    }
    #expect(outcomes["read", default: 0] > 0, "\(outcomes)")
    #expect(outcomes["notRegular", default: 0] > 0, "\(outcomes)")
  }
}

/// Exchanges a user's folder, a store or one of its files for a link and back, again and again
/// until `stop`.
private final class Swap: Sendable {
  private let real: String
  private let link: String
  private let isStopped = Atomic(false)
  private let isDone = Atomic(false)
  private let count = Atomic(0)

  init(_ round: Int, root: String, outside: String) {
    let store = "/vector_store_notes"
    let below = ["", store, "\(store)/vectors.pkl", "\(store)/metadata.json"][round % 4]
    real = "\(root)/alice\(below)"
    link = "\(root)/../link"
    symlink(outside + below, link)
  }

  func start() {
    Thread {
      while !self.isStopped.load(ordering: .relaxed) {
        // The two are exchanged twice, so that the state at the end is that at the beginning.
        for _ in 0..<2 where (try? SystemCalls.exchange(self.real, self.link)) == true {
          self.count.add(1, ordering: .relaxed)
          usleep(20)
        }
      }
      self.isDone.store(true, ordering: .releasing)
    }.start()
  }

  func stop() -> Int {
    isStopped.store(true, ordering: .relaxed)
    while !isDone.load(ordering: .acquiring) { usleep(100) }
    return count.load(ordering: .relaxed)
  }
}
