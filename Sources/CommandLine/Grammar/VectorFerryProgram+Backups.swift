internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// The command `backups` and the commands below it.
  static var backups: Command<Invocation> {
    Command(
      "backups", summary: "List, verify, restore and prune copies of files and dumps of databases",
      discussion: [
        """
        A run copies every store before it writes to the database, and writes a manifest with \
        sizes and SHA-256 when all copies are verified. A backup without a manifest is incomplete \
        and is never used.
        """
      ],
      subcommands: [
        Command(
          "backups list",
          summary:
            "List the backups, newest first; names and sizes are compared with the manifests",
          examples: [Example("backups list --dumps", "Lists the dumps of the target database")],
          takes: BackupsListOptions.self, invocation: Invocation.backupsList),
        Command(
          "backups verify", summary: "Compare every byte of backups or dumps with the manifests",
          examples: [Example("backups verify", "Verifies all backups")],
          takes: BackupsVerifyOptions.self, invocation: Invocation.backupsVerify),
        Command(
          "backups restore",
          summary: "Restore stores into a folder, or a dump into a database",
          discussion: [
            """
            A dump is compared with its SHA-256 first, and afterwards every table with what was \
            dumped. A database that is replaced is dumped first; the new one is created beside it \
            and then gets its name in one step, and the old one is kept under another name.
            """
          ],
          examples: [
            Example(
              "backups restore 20250112_143022 --user alice --to restored",
              "Restores one user's stores below restored/alice"),
            Example(
              "backups restore --dump 20250112_143022-app --into app_again",
              "Creates the database app_again from a dump"),
            Example(
              "backups restore --dump 20250112_143022-app --into app --user alice --replace",
              "Restores one user's rows and their ledger entries"),
          ],
          takes: BackupsRestoreOptions.self, invocation: Invocation.backupsRestore),
        Command(
          "backups prune", summary: "Remove old backups, never the only good copy of a store",
          examples: [
            Example(
              "backups prune --older-than 30 --keep 5",
              "Removes old backups except the newest five")
          ],
          takes: BackupsPruneOptions.self, invocation: Invocation.backupsPrune),
        Command(
          "backups dump",
          summary: "Dump the target database with pg_dump, and keep a week of dumps",
          discussion: [
            """
            Writes the custom format of pg_dump into the folder dumps beside the copies, reads the \
            dump's table of contents back, writes a manifest, and removes dumps of the same \
            database that are older than --keep-days. pg_dump must be at least as new as the \
            server; VECTOR_FERRY_POSTGRES names the directory of PostgreSQL's programs where \
            pg_dump is not found.
            """
          ],
          examples: [
            Example("backups dump --test-restore", "Also restores the dump into a scratch database")
          ],
          takes: BackupsDumpOptions.self, invocation: Invocation.backupsDump),
      ])
  }
}
