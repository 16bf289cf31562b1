internal import Arguments

extension Command where Invocation == CommandLineInvocation {
  /// `index build|convert|tune|status|repair`.
  static var index: Command {
    Command(
      "index", summary: "Build, convert, tune and watch the index that searches use",
      discussion: [
        """
        Indexes serve searches by cosine over the column embedding. A table of more than 2,000 \
        dimensions is indexed as halfvec, and searches must repeat the cast.
        """
      ],
      subcommands: [indexBuild, indexConvert, indexTune, indexStatus, indexRepair])
  }

  private static var indexBuild: Command {
    Command(
      "index build", summary: "Build an index that fits the size of the table",
      discussion: [
        """
        Says first what memory, disk and processes the build needs and gets. Settings are those of \
        the session alone; nothing has to be put back. What a broken build of the same index has \
        left INVALID is dropped first. Whom the build waits for is told by process.
        """
      ],
      examples: [
        Example("index build", "Builds what fits, or nothing for a small table"),
        Example("index build --method ivfflat --lists 200", "Builds an IVFFlat index of 200 lists"),
        Example("index build --dry-run", "Says what a build would need"),
      ],
      takes: IndexBuildOptions.self, invocation: { .index(.build($0)) })
  }

  private static var indexConvert: Command {
    Command(
      "index convert", summary: "Change HNSW to IVFFlat or back while clients search and write",
      discussion: [
        """
        The new index is built first; then both are compared with an exact scan, in one snapshot, \
        by recall@10 and time. The old one goes last, and only where the new one finds as much. \
        Stopped anywhere, it is taken up by the next run.
        """
      ],
      examples: [Example("index convert hnsw", "Replaces an IVFFlat index by HNSW")],
      takes: IndexConvertOptions.self, invocation: { .index(.convert($0)) })
  }

  private static var indexTune: Command {
    Command(
      "index tune", summary: "Measure recall and time over the settings of search, and recommend",
      discussion: [
        """
        ef_search of HNSW, or probes of IVFFlat: each value is compared with an exact scan of \
        stored vectors. --apply writes the recommended one into similarity_search and \
        hybrid_search; sessions that search by themselves set it as the last line says.
        """
      ],
      examples: [
        Example("index tune", "Shows the table and the recommendation"),
        Example("index tune --recall 0.95 --apply", "Sets the searches to find 95 of 100"),
      ],
      takes: IndexTuneOptions.self, invocation: { .index(.tune($0)) })
  }

  private static var indexStatus: Command {
    Command(
      "index status", summary: "Show size, validity, use and parameters, and what should be done",
      discussion: ["The exit code is 1 where an INVALID index was left behind."],
      examples: [
        Example("index status --max-p95 50", "Also times searches against 50 milliseconds")
      ],
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
