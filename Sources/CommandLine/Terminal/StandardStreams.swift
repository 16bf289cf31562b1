import Glibc

/// Makes the standard streams safe to use; the program calls this function first.
func prepareStandardStreams() {
  occupy(descriptors: STDIN_FILENO...STDERR_FILENO)
  ignoreBrokenPipes()
  ignoreFileSizeLimits()
}

/// Opens `/dev/null` for each standard stream that is closed, so that no other file takes its
/// number.
///
/// Where the program is started with `>&-`, the next opened file, perhaps the journal, would
/// otherwise become standard output and receive the report.
func occupy(descriptors: ClosedRange<Int32>) {
  for descriptor in descriptors where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
    let placeholder = open("/dev/null", O_RDONLY)
    guard placeholder >= 0, placeholder != descriptor else { continue }
    dup2(placeholder, descriptor)
    close(placeholder)
  }
}

/// Makes a write to a closed pipe return an error instead of ending the process.
///
/// Child processes inherit this setting; code that starts a child must reset SIGPIPE.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

/// Makes a write beyond the limit of `ulimit -f` return an error instead of ending the process.
///
/// Child processes inherit this setting; code that starts a child must reset SIGXFSZ.
func ignoreFileSizeLimits() { signal(SIGXFSZ, SIG_IGN) }
