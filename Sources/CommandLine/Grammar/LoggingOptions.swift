internal import Arguments

/// The options by which other programs follow a run.
struct LoggingOptions: ParameterSet {
  /// The value of the option `--log-file`; nil where it is not given.
  let logFile: Parameter<String?>
  /// The value of the option `--events`; nil where it is not given.
  let events: Parameter<Int?>
  /// The value of the option `--metrics-file`; nil where it is not given.
  let metricsFile: Parameter<String?>
  /// The value of the option `--on-finish`; nil where it is not given.
  let onFinish: Parameter<String?>

  /// Declares the options.
  init(declaring declare: inout Declarations) {
    logFile = declare.optional(
      "log-file", .file,
      help: "Append each event of the run to this file, as a line of JSON (docs/EVENTS.md)")
    events = declare.optional(
      "events", .whole(3...1023).named("FD"),
      help: "Write the same lines to this open file descriptor, for a program that follows the run")
    metricsFile = declare.optional(
      "metrics-file", .file,
      help: """
        Write the state of the run to this file, for Prometheus's collector of text files; the file \
        is replaced every ten seconds and at the end
        """)
    onFinish = declare.optional(
      "on-finish", .text("COMMAND"),
      help: """
        Run this command with /bin/sh after the run; its environment has VECTOR_FERRY_EXIT_CODE, \
        _RUN, _STORES, _FAILED, _DOCUMENTS and _SECONDS
        """)
  }
}
