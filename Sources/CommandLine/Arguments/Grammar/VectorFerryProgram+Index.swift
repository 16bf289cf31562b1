extension Command where Invocation == CommandLineInvocation {
  /// `index build|status|repair`.
  static var index: Command {
    Command(
      "index", summary: "Build, convert, tune and watch the index that searches use",
      discussion: [
        """
        Indexes serve searches by cosine over the column embedding. A table of more than 2,000 \
        dimensions is indexed as halfvec, and searches must repeat the cast.
        """
      ],
      subcommands: [indexBuild, indexStatus, indexRepair])
  }

  private static var indexBuild: Command {
    Command(
      "index build", summary: "Build an index that fits the size of the table",
      discussion: [
        """
        Says first what memory, disk and processes the build needs and gets. Settings are those of \
        the session alone; nothing has to be put back. INVALID vector indexes of broken builds are \
        dropped first. Whom the build waits for is told by process.
        """
      ],
      examples: [
        Example("index build", "Builds what fits, or nothing for a small table"),
        Example("index build --method ivfflat --lists 200", "Builds an IVFFlat index of 200 lists"),
        Example("index build --dry-run", "Says what a build would need"),
      ],
      takes: IndexBuildOptions.self, invocation: { .index(.build($0)) })
  }

  private static var indexStatus: Command {
    Command(
      "index status", summary: "Show size, validity, use and parameters, and what should be done",
      discussion: ["The exit code is 1 where an INVALID index was left behind."],
      takes: IndexStatusOptions.self, invocation: { .index(.status($0)) })
  }

  private static var indexRepair: Command {
    Command(
      "index repair", summary: "Mend INVALID indexes of the table, and touch nothing else",
      discussion: [
        """
        They are built anew while others read and write; copies that a broken REINDEX CONCURRENTLY \
        has left are dropped.
        """
      ],
      takes: IndexRepairOptions.self, invocation: { .index(.repair($0)) })
  }
}
