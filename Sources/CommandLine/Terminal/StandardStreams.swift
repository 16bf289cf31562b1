import Glibc

/// Makes the standard streams safe to use; the program does this first.
func prepareStandardStreams() {
  occupy(descriptors: STDIN_FILENO...STDERR_FILENO)
  ignoreBrokenPipes()
  ignoreFileSizeLimits()
}

/// Opens an unwritable placeholder for each closed descriptor.
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
/// Child processes inherit this setting; code that starts one must reset SIGPIPE for it.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

/// Makes a write beyond `ulimit -f` return an error that names the file, instead of ending the
/// process silently; code that starts a child must reset SIGXFSZ for it.
func ignoreFileSizeLimits() { signal(SIGXFSZ, SIG_IGN) }
