import Glibc
import Synchronization

/// The kernels of one processor level, a team of threads, and the memory for packed operands.
///
/// One engine serves a whole process; calls from several threads wait for each other.
public final class Engine: Sendable {
  /// The processor level whose kernels are used.
  public var level: ProcessorLevel { kernels.level }
  /// The number of threads that work together.
  public var threads: Int { team.count }

  let kernels: KernelSet
  let team: ThreadTeam
  let workspace: PackingSpace
  /// Returns true once the result is no longer needed; the function is called between the steps of
  /// an eigenproblem.
  private let isStopped: @Sendable () -> Bool

  /// Creates an engine for `threads` threads (by default one for each processor) at the given
  /// level.
  ///
  /// The default level is the level that `VECTOR_FERRY_CPU` names, or else the highest supported
  /// level.
  ///
  /// - Parameter isStopped: returns true once the results are no longer needed.
  public init(
    threads: Int? = nil, level: ProcessorLevel? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws(ProcessorLevelError) {
    self.isStopped = isStopped
    let chosen: ProcessorLevel
    if let level {
      chosen = try ProcessorLevel.chosen(named: level.rawValue)
    } else {
      chosen = try ProcessorLevel.chosen()
    }
    kernels = KernelSet.forLevel(chosen)
    team = ThreadTeam(count: threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    workspace = PackingSpace(blocking: Blocking(kernels), workers: team.count)
  }

  /// Throws once the result is no longer needed.
  func checkStop() throws(EigenproblemError) {
    if isStopped() { throw .interrupted }
  }
}

/// The sizes of the parts of a product, so that each part stays in the intended cache.
struct Blocking {
  /// The steps of the summation that are packed at a time: a panel of A stays in the first cache.
  let depth: Int
  /// The columns of B that one task packs: they stay in the second cache.
  let columns: Int
  /// The rows of A that are packed at a time, shared by all threads, in the third cache.
  let rows: Int

  init(_ kernels: KernelSet) {
    depth = 512
    // Processors with registers of 64 bytes have a second cache of at least a megabyte.
    columns = (kernels.level == .v4 ? 336 : 256) / kernels.tileColumns * kernels.tileColumns
    rows = 4096 / kernels.tileRows * kernels.tileRows
  }
}

/// The memory for packed operands, kept between products; used by one product at a time.
// Unchecked: the memory is lent only under `lock`, by its address, which no type guards.
final class PackingSpace: @unchecked Sendable {
  let blocking: Blocking
  let left: UnsafeMutablePointer<Float>
  private let memory: FloatMemory
  private let rightFloats: Int
  private let edgeFloats = 1024
  private let lock = Mutex(())

  init(blocking: Blocking, workers: Int) {
    self.blocking = blocking
    let leftFloats = (blocking.rows + 64) * blocking.depth
    rightFloats = (blocking.columns + 64) * blocking.depth
    memory = FloatMemory(count: leftFloats + workers * (rightFloats + 1024))
    left = memory.start
  }

  func exclusively(_ body: () -> Void) { lock.withLock { _ in body() } }

  /// Returns the memory for the columns of B that a worker packs.
  func right(_ worker: Int) -> UnsafeMutablePointer<Float> {
    left + (blocking.rows + 64) * blocking.depth + worker * (rightFloats + edgeFloats)
  }

  /// Returns the memory for one tile that reaches beyond the edge of the result matrix C.
  func edge(_ worker: Int) -> UnsafeMutablePointer<Float> { right(worker) + rightFloats }
}
