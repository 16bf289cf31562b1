import Glibc
import Synchronization

/// A fixed team of threads that process numbered tasks together.
///
/// `run` returns when every task is done. Which thread does which task is undefined, so a task must
/// not depend on its thread: results are then the same for every size of team. The calling thread
/// works on tasks, too, and never waits for a thread that has not begun, so that a team on a busy
/// machine is at worst as slow as one thread.
final class ThreadTeam: Sendable {
  /// The number of threads, including the caller's.
  let count: Int
  private let queue: TaskQueue

  init(count: Int) {
    self.count = max(1, count)
    queue = TaskQueue()
    for worker in 1..<max(2, self.count) where worker < self.count {
      queue.startWorker(worker)
    }
  }

  deinit { queue.close() }

  /// The smallest number of operations for which waking a second thread saves time.
  private static let worthwhile = 8_000_000

  /// Calls `body(task, worker)` for each task in `0..<tasks`; `worker` is below `count`, and no two
  /// calls at one time have the same `worker`.
  ///
  /// Where there is little work, the calling thread does it alone, because waking another thread
  /// would take as long.
  ///
  /// `body` is not `@Sendable`: tasks write to disjoint parts of memory that the caller lends by
  /// its address, which the compiler cannot check; the caller waits until all tasks have ended.
  ///
  /// - Parameter operations: the number of multiplications and additions of all tasks together;
  ///   needed only where this number may be small.
  func run(
    _ tasks: Int, operations: Int = .max, _ body: (_ task: Int, _ worker: Int) -> Void
  ) {
    if count == 1 || tasks <= 1 || operations < Self.worthwhile {
      for task in 0..<max(0, tasks) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { queue.run(tasks, $0) }
  }
}

/// The job that the team works on, and the number of the first task that no thread has begun yet.
///
/// The locks are those of the C library, because threads wait for changes with condition variables,
/// for which `Mutex` has no counterpart.
///
/// `@unchecked Sendable`: `job`, `tasks`, `inside`, `isOver` and `isClosed` are read and written
/// only under `lock`; the rest is atomic or immutable.
private final class TaskQueue: @unchecked Sendable {
  typealias Job = (_ task: Int, _ worker: Int) -> Void

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let callers = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let posted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let left = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var job: Job?
  private var tasks = 0
  private var inside = 0
  private var isOver = false
  private var isClosed = false
  private let generation = Atomic<Int>(0)
  private let next = Atomic<Int>(0)

  init() {
    pthread_mutex_init(lock, nil)
    pthread_mutex_init(callers, nil)
    pthread_cond_init(posted, nil)
    pthread_cond_init(left, nil)
  }

  deinit {
    pthread_cond_destroy(left)
    pthread_cond_destroy(posted)
    pthread_mutex_destroy(callers)
    pthread_mutex_destroy(lock)
    lock.deallocate()
    callers.deallocate()
    posted.deallocate()
    left.deallocate()
  }

  /// Starts the thread of a worker; where the thread cannot be started, the team works without it.
  func startWorker(_ worker: Int) {
    let start = Unmanaged.passRetained(WorkerStart(queue: self, worker: worker))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, runWorker, start.toOpaque())
    if status == 0 { pthread_detach(thread) } else { start.release() }
  }

  func close() {
    pthread_mutex_lock(lock)
    isClosed = true
    generation.add(1, ordering: .releasing)
    pthread_cond_broadcast(posted)
    pthread_mutex_unlock(lock)
  }

  func run(_ tasks: Int, _ job: @escaping Job) {
    pthread_mutex_lock(callers)
    pthread_mutex_lock(lock)
    self.job = job
    self.tasks = tasks
    isOver = false
    next.store(0, ordering: .relaxed)
    generation.add(1, ordering: .releasing)
    pthread_cond_broadcast(posted)
    pthread_mutex_unlock(lock)

    work(job, tasks, worker: 0)

    pthread_mutex_lock(lock)
    isOver = true
    while inside > 0 { pthread_cond_wait(left, lock) }
    self.job = nil
    pthread_mutex_unlock(lock)
    pthread_mutex_unlock(callers)
  }

  private func work(_ job: Job, _ tasks: Int, worker: Int) {
    while true {
      let task = next.add(1, ordering: .relaxed).oldValue
      if task >= tasks { return }
      job(task, worker)
    }
  }

  /// Works on each job until the team is closed.
  func takePartInAll(worker: Int) {
    var seen = 0
    while true {
      awaitChange(of: seen)
      pthread_mutex_lock(lock)
      while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(posted, lock) }
      seen = generation.load(ordering: .acquiring)
      if isClosed {
        pthread_mutex_unlock(lock)
        return
      }
      let isOpen = job != nil && !isOver
      if isOpen { inside += 1 }
      pthread_mutex_unlock(lock)
      guard isOpen else { continue }
      takePart(worker: worker)
      pthread_mutex_lock(lock)
      inside -= 1
      if inside == 0 { pthread_cond_signal(left) }
      pthread_mutex_unlock(lock)
    }
  }

  /// Works on the open job.
  ///
  /// This is a separate function so that no reference to the job outlives the worker's part in the
  /// job, which must not escape its caller. `run` clears `job` only once no worker is inside, so
  /// that reading `job` here needs no lock.
  @inline(never)
  private func takePart(worker: Int) {
    guard let job else { return }
    work(job, tasks, worker: worker)
  }

  /// Waits for a new job for some microseconds without sleeping.
  ///
  /// The steps of a factorisation follow each other faster than the system can wake a thread.
  private func awaitChange(of seen: Int) {
    for _ in 0..<20_000 where generation.load(ordering: .relaxed) != seen { return }
  }
}

private final class WorkerStart {
  let queue: TaskQueue
  let worker: Int

  init(queue: TaskQueue, worker: Int) {
    self.queue = queue
    self.worker = worker
  }
}

private let runWorker: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  guard let argument = $0 else { return nil }
  let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
  start.queue.takePartInAll(worker: start.worker)
  return nil
}
