import Glibc
import Synchronization

/// A fixed team of threads that works through numbered tasks together.
///
/// `run` returns when every task is done. Which thread does which task is left to chance, so a
/// task must not depend on its thread: results are then the same for every size of team. The
/// calling thread works too, and never waits for a helper that has not begun, so that a team on
/// a busy machine is at worst as slow as one thread.
final class ThreadTeam: Sendable {
  /// The number of threads, the caller's included.
  let count: Int
  private let desk: TaskDesk

  init(count: Int) {
    self.count = max(1, count)
    desk = TaskDesk()
    for worker in 1..<max(2, self.count) where worker < self.count {
      desk.hire(worker)
    }
  }

  deinit { desk.close() }

  /// Calls `body(task, worker)` for each task in `0..<tasks`; `worker` is below `count`, and no two
  /// calls at one time have the same.
  func run(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    if count == 1 || tasks <= 1 {
      for task in 0..<max(0, tasks) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { desk.run(tasks, $0) }
  }
}

/// Where a job lies while the team works on it.
///
/// `@unchecked Sendable`: `job`, `tasks`, `inside`, `isOver` and `isClosed` are read and written under
/// `lock` only; the rest is atomic or immutable.
private final class TaskDesk: @unchecked Sendable {
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

  /// Starts a helper; a team whose thread cannot be started works without it.
  func hire(_ worker: Int) {
    let contract = Unmanaged.passRetained(Contract(desk: self, worker: worker))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, helperMain, contract.toOpaque())
    if status == 0 { pthread_detach(thread) } else { contract.release() }
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

  /// What a helper does until the team is closed.
  func help(worker: Int) {
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
  /// A function of its own, so that no reference to the job, which may not escape its caller,
  /// outlives the helper's part in it. `run` clears `job` only once nobody is inside, hence reading
  /// it here needs no lock.
  @inline(never)
  private func takePart(worker: Int) {
    guard let job else { return }
    work(job, tasks, worker: worker)
  }

  /// Looks for a new job for some microseconds before the thread goes to sleep: the steps of a
  /// factorisation follow each other faster than the system can wake a thread.
  private func awaitChange(of seen: Int) {
    for _ in 0..<20_000 where generation.load(ordering: .relaxed) != seen { return }
  }
}

private final class Contract {
  let desk: TaskDesk
  let worker: Int

  init(desk: TaskDesk, worker: Int) {
    self.desk = desk
    self.worker = worker
  }
}

private let helperMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  guard let argument = $0 else { return nil }
  let contract = Unmanaged<Contract>.fromOpaque(argument).takeRetainedValue()
  contract.desk.help(worker: contract.worker)
  return nil
}
