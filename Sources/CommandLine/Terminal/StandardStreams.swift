import Glibc

/// Makes the standard streams safe to work with; the first thing the program does.
func prepareStandardStreams() {
  occupy(descriptors: STDIN_FILENO...STDERR_FILENO)
  ignoreBrokenPipes()
  ignoreFileSizeLimits()
}

/// Puts an unwritable stand-in where a descriptor is closed.
///
/// Started with `>&-`, the next file opened, perhaps the journal, would become standard output
/// and receive the report.
func occupy(descriptors: ClosedRange<Int32>) {
  for descriptor in descriptors where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
    let standIn = open("/dev/null", O_RDONLY)
    guard standIn >= 0, standIn != descriptor else { continue }
    dup2(standIn, descriptor)
    close(standIn)
  }
}

/// Lets a write to a closed pipe return an error instead of ending the process.
///
/// Child processes inherit this; who starts one resets SIGPIPE for it.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

/// Lets a write beyond `ulimit -f` return an error, which names the file, instead of ending the
/// process without a word; who starts a child resets SIGXFSZ for it.
func ignoreFileSizeLimits() { signal(SIGXFSZ, SIG_IGN) }
