import Glibc

/// A thread that has the kernel provide pages a little ahead of the one that needs them.
public struct Preparation: ~Copyable {
  private let thread: pthread_t

  /// Goes through the pages of `output`, and in step with them through those of a mapped file;
  /// nil where there can be no thread.
  public init?(of output: UnsafeMutableRawBufferPointer, _ input: UnsafeRawBufferPointer?) {
    let pages = UnsafeMutablePointer<Pages>.allocate(capacity: 1)
    pages.initialize(to: Pages(output: UnsafeRawBufferPointer(output), input: input))
    var thread = pthread_t()
    guard pthread_create(&thread, nil, preparePages, pages) == 0 else {
      pages.deallocate()
      return nil
    }
    self.thread = thread
  }

  // The memory must live as long as this.
  deinit { pthread_join(thread, nil) }
}

private struct Pages {
  let output: UnsafeRawBufferPointer
  let input: UnsafeRawBufferPointer?
}

private func preparePages(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let pages = argument?.assumingMemoryBound(to: Pages.self) else { return nil }
  let step = 2 << 20
  let output = pages.pointee.output
  let input = pages.pointee.input ?? UnsafeRawBufferPointer(start: nil, count: 0)
  pages.deallocate()
  let steps = (output.count + step - 1) / step
  let inputStep = (input.count / max(steps, 1) | 4095) + 1
  for number in 0..<steps {
    advise(output, number * step, step, populateForWriting)
    advise(input, number * inputStep, inputStep, populateForReading)
  }
  return nil
}

private func advise(
  _ pages: UnsafeRawBufferPointer, _ start: Int, _ length: Int, _ advice: Int32
) {
  guard start < pages.count, let base = pages.baseAddress else { return }
  let address = UnsafeMutableRawPointer(mutating: base + start)
  madvise(address, min(length, pages.count - start), advice)
}

// MADV_POPULATE_READ and MADV_POPULATE_WRITE of Linux 5.14, which older headers do not name.
// They change no content, and an older kernel refuses them.
private let populateForReading: Int32 = 22
private let populateForWriting: Int32 = 23
