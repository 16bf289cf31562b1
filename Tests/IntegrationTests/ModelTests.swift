import Foundation
import TestSupport
import Testing

/// Tests random sequences of actions of operators and applications and of faults on several stores;
/// compares the state after each step with a model of the expected state.
@Suite(.needsServer)
struct ModelTests {
  /// The number of sequences, and the number of operations in each.
  private static let shape =
    Oracle.isFullRun ? (sequences: 20, length: 100) : (sequences: 2, length: 35)

  /// The seeds of the sequences; `VECTOR_FERRY_MODEL_SEED` repeats one sequence.
  private static let seeds: [UInt64] =
    ProcessInfo.processInfo.environment["VECTOR_FERRY_MODEL_SEED"].flatMap { UInt64($0) }
    .map { [$0] } ?? (0..<UInt64(shape.sequences)).map { 20_261_100 + $0 }

  /// The result of a sequence.
  private struct Play {
    var log: [String] = []
    var disagreement: String?
    var kills = 0
  }

  private func play(_ operations: [ModelOperation]) throws -> Play {
    var play = Play()
    let world = try ModelWorld()
    for (index, operation) in operations.enumerated() {
      do {
        play.log.append("\(index). \(operation): \(try world.perform(operation))")
      } catch {
        play.log.append("\(index). \(operation): disagrees")
        play.disagreement = "\(error)"
        break
      }
    }
    play.kills = world.kills
    return play
  }

  /// Leaves out operations without which the disagreement still occurs, larger parts first, in a
  /// bounded number of tries.
  private func shrink(_ operations: [ModelOperation], _ failure: Play) throws -> (
    [ModelOperation], Play
  ) {
    var (shortest, found) = (Array(operations.prefix(failure.log.count)), failure)
    var (part, tries) = (max(1, shortest.count / 2), 40)
    while part >= 1, tries > 0 {
      var start = 1
      while start < shortest.count - 1, tries > 0 {
        let rest = shortest[..<start] + shortest[min(start + part, shortest.count - 1)...]
        let play = try play(Array(rest))
        tries -= 1
        if play.disagreement != nil {
          (shortest, found) = (Array(rest.prefix(play.log.count)), play)
        } else {
          start += part
        }
      }
      part = part == 1 ? 0 : part / 2
    }
    return (shortest, found)
  }

  @Test(arguments: seeds)
  func `whatever is done to stores, nothing is lost, doubled or shifted`(seed: UInt64) throws {
    let operations = ModelOperation.sequence(seed: seed, count: Self.shape.length)
    let played = try play(operations)
    if played.disagreement != nil {
      let (_, least) = try shrink(operations, played)
      Issue.record(
        """
        seed \(seed) (VECTOR_FERRY_MODEL_SEED plays it again):
        \(played.log.joined(separator: "\n"))
        \(played.disagreement ?? "")
        ---- the least that still disagrees:
        \(least.log.joined(separator: "\n"))
        \(least.disagreement ?? "")
        """)
    }
    FaultLog.note("random operations", played.log.count, "operations compared with a model")
    FaultLog.note("random operations", played.kills, "kills among them")
  }
}
