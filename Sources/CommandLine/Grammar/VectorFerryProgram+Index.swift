internal import Arguments

extension Command where Invocation == CommandLineInvocation {
  /// The commands `index build|convert|tune|status|repair`.
  static var index: Command {
    Command(
      "index", summary: "Build, convert, tune, show and repair the index that searches use",
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
        First shows which memory, disk space and processes the build needs and gets. Settings are \
        changed for the session only. An INVALID index that a failed build of the same index has \
        left behind is dropped first. While the build waits for another session, that session's \
        process is shown.
        """
      ],
      examples: [
        Example("index build", "Builds the index that fits, or none for a small table"),
        Example("index build --method ivfflat --lists 200", "Builds an IVFFlat index of 200 lists"),
        Example("index build --dry-run", "Shows what a build needs, and builds nothing"),
      ],
      takes: IndexBuildOptions.self, invocation: { .index(.build($0)) })
  }

  private static var indexConvert: Command {
    Command(
      "index convert", summary: "Change HNSW to IVFFlat or back while clients search and write",
      discussion: [
        """
        The new index is built first; then both are compared with an exact scan, in one snapshot, \
        by recall@10 and time. The old index is dropped last, and only if the new one finds as \
        much. If a conversion is stopped, the next run continues it.
        """
      ],
      examples: [Example("index convert hnsw", "Replaces an IVFFlat index by HNSW")],
      takes: IndexConvertOptions.self, invocation: { .index(.convert($0)) })
  }

  private static var indexTune: Command {
    Command(
      "index tune", summary: "Measure recall and time of search settings, and recommend one",
      discussion: [
        """
        ef_search of HNSW, or probes of IVFFlat: each value is compared with an exact scan of \
        stored vectors. --apply writes the recommended value into similarity_search and \
        hybrid_search; for sessions that run their own queries, the last line of the output \
        shows the setting.
        """
      ],
      examples: [
        Example(
          "index tune", "Shows recall and time of each setting, and which one is recommended"),
        Example(
          "index tune --recall 0.95 --apply",
          "Sets the search functions so that they reach this recall"),
      ],
      takes: IndexTuneOptions.self, invocation: { .index(.tune($0)) })
  }

  private static var indexStatus: Command {
    Command(
      "index status", summary: "Show size, validity, use and parameters, and what should be done",
      discussion: ["The exit code is 1 where an INVALID index was left behind."],
      examples: [
        Example("index status --max-p95 50", "Also measures searches against a limit of 50 ms")
      ],
      takes: IndexStatusOptions.self, invocation: { .index(.status($0)) })
  }

  private static var indexRepair: Command {
    Command(
      "index repair", summary: "Repair INVALID indexes of the table, and change nothing else",
      discussion: [
        """
        INVALID indexes are rebuilt while other sessions read and write; copies that a failed \
        REINDEX CONCURRENTLY has left behind are dropped.
        """
      ],
      takes: IndexRepairOptions.self, invocation: { .index(.repair($0)) })
  }
}
