extension Program where Invocation == CommandLineInvocation {
  /// `backups` and the commands below it.
  static var backups: Command<Invocation> {
    Command(
      "backups", summary: "List, verify, restore and prune the copies that runs have made",
      discussion: [
        """
        A run copies every store before it writes to the database, and writes a manifest with \
        sizes and SHA-256 when all copies are verified. A backup without a manifest is half a \
        backup, and nobody trusts it.
        """
      ],
      subcommands: [
        Command(
          "backups list", summary: "List the backups, newest first: names and sizes are compared",
          takes: BackupsListOptions.self, invocation: Invocation.backupsList),
        Command(
          "backups verify", summary: "Read every byte and compare it with the manifests",
          examples: [Example("backups verify", "Verifies all of them")],
          takes: BackupsVerifyOptions.self, invocation: Invocation.backupsVerify),
        Command(
          "backups restore", summary: "Restore stores into a folder of your choice",
          examples: [
            Example(
              "backups restore 20250112_143022 --user alice --to restored",
              "Restores one user's stores below restored/alice")
          ],
          takes: BackupsRestoreOptions.self, invocation: Invocation.backupsRestore),
        Command(
          "backups prune", summary: "Remove old backups, never the only good copy of a store",
          examples: [
            Example(
              "backups prune --older-than 30 --keep 5", "Removes old ones but the newest five")
          ],
          takes: BackupsPruneOptions.self, invocation: Invocation.backupsPrune),
        Command(
          "backups dump",
          summary: "Dump the target database with pg_dump, and keep a week of dumps",
          discussion: [
            """
            Writes the custom format of pg_dump into the folder dumps beside the copies, reads its \
            table of contents back, and removes dumps that are older than --keep-days. pg_dump must \
            be at least as new as the server.
            """
          ],
          examples: [
            Example("backups dump --test-restore", "Also restores it into a scratch database")
          ],
          takes: BackupsDumpOptions.self, invocation: Invocation.backupsDump),
      ])
  }
}
