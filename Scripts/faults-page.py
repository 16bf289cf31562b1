#!/usr/bin/env python3
"""Writes docs/FAULTS.md from the results of the tests.

    faults-page.py RESULTS.xml... [COUNTS.jsonl]    to standard output

Each row of the page names the tests that bring its fault about. A row whose tests are missing from
the results, or did not all pass, makes this script fail: the page never says more than a run has
shown. RESULTS.xml is what `swift test --xunit-output` writes, COUNTS.jsonl what the long form notes.
Where several results are given, such as those of a part that was run again, the last one that has a
test decides about it.
"""

import collections
import json
import re
import sys
import textwrap
import xml.etree.ElementTree

# Row; what is injected; what held; the tests, by the beginning of their names.
ROWS = [
    ("SIGKILL",
     "kill -9 at scan, backup, before, in the middle of and after COPY, before and after COMMIT, "
     "at every step of a rollback and of a refit, and at random moments with two workers",
     "the database holds the old state or the new one, whole; the next run ends at one digest",
     ["killed at any stage", "killed at any moment", "SIGKILL at rollback",
      "killed anywhere, a refit", "killed before the commit"]),
    ("random operations",
     "random sequences of changed files, migrate (also with --force and --alongside), rollback (also "
     "with --restore, --files and RUN), restored backups, edited, deleted and added rows, and kill -9",
     "after each step table, ledger, files and the exit codes of status and verify are what a model "
     "of them says: nothing lost, doubled or shifted, no false “all is well”",
     ["whatever is done to stores"]),
    ("a call that fails",
     "open, read, write, fsync, rename, malloc and COPY fail at their first, second, … call, once "
     "and from then on, until a run is not touched by it; libpq reports an answer late",
     "each store is old or new, source files are unchanged, and the next run completes",
     ["fail the nth"]),
    ("power loss",
     "after each change of a file, what was not synced is lost, or a part of it, in another order",
     "nothing is in the database before its copies would survive; the next run completes",
     ["power loss"]),
    ("a trigger that writes rows of others",
     "triggers, functions that catch errors, foreign keys and partitions that add, change or take away "
     "rows of other users and collections while a store is loaded, refitted or rolled back",
     "the store is rolled back, the trigger is named; with the server's counters off that is said",
     ["a run that changes rows of others", "a rollback that changes rows of others",
      "rows that go with those of an earlier run", "counters that are off are told"]),
    ("server restart, backend terminated",
     "pg_terminate_backend at four stages, once and every time",
     "rolled back and tried again after growing pauses; then a clear failure of that store alone",
     ["server restart, backend terminated", "a connection that is cut every time",
      "a server that is starting"]),
    ("server that goes away",
     "a server stopped in the middle of 60 stores with two jobs, started again or not",
     "one warning, one end after --give-up-after, what was not begun is listed; the next run completes",
     ["a server that is stopped ends the run once", "a server that comes back in time",
      "a COMMIT whose answer was lost for good", "other commands stop once, too",
      "a server that is gone before the first store"]),
    ("network that goes silent",
     "the loopback interface of a network of its own taken down in the middle of a COPY; a server "
     "stopped by SIGSTOP",
     "the connection counts as lost within a minute, on both sides; the next run completes",
     ["a network that goes silent ends the run", "a server that stands still",
      "a server that waits for a lock is no server that is gone"]),
    ("connection cut again and again",
     "a proxy that cuts each connection after a random number of bytes, 40 times or for ever",
     "the run ends in time with whole stores; the next run comes to the same digest",
     ["cut at random byte counts", "cut for ever"]),
    ("connection cut; COMMIT's answer lost",
     "a proxy that drops the connection before COMMIT arrives, or after it was forwarded",
     "the ledger is asked first; the rows come from one transaction, and the report is right",
     ["connection cut, COMMIT's answer lost", "connection cut; COMMIT's answer lost: a rollback"]),
    ("database disk full (SQLSTATE 53100)", "a tablespace of 24 MB on a disk of its own",
     "nothing of the store is visible; with more room --failed carries it over",
     ["database disk full"]),
    ("backup disk full or read-only",
     "a small disk, a read-only one, a limit on the size of files",
     "nothing is written to the database", ["backup disk full or read-only"]),
    ("pickle truncated, flipped", "every prefix of a store; seeded bit flips",
     "refused; a flipped one is refused or equal to what CPython reads",
     ["pickle truncated, flipped", "Every prefix", "Flipped bits"]),
    ("malicious pickle", "generated pickles that would run something, under strace",
     "nothing is executed, connected to or written", ["malicious pickle", "Under strace"]),
    ("wrong or missing key", "no key, another key", "refused; nothing is stored",
     ["wrong or missing key"]),
    ("counts differ", "entries missing, one too few, one too many",
     "refused; with --allow-mismatch the positions are listed", ["counts differ"]),
    ("NaN, ±Inf, above FLT_MAX", "NaN, infinities, 1e39, FLT_MAX and half a unit",
     "row and column are named, the store is refused", ["NaN, ±Inf, above FLT_MAX"]),
    ("zero, −0.0, subnormal", "such numbers in a store", "read back bit for bit; zeros are warned of",
     ["zero, −0.0, subnormal"]),
    ("mixed dimensions, 0, > 16000", "rows of other widths, none, 16,001",
     "refused; never cut, never padded", ["mixed dimensions, 0, > 16000"]),
    ("duplicate source ids", "two entries of one id", "both are kept and found again",
     ["duplicate source ids"]),
    ("re-run after the source grew, shrank, changed", "three re-runs with other contents",
     "no orphans, no doubles, the other store's rows are not written again",
     ["re-run after the source grew, shrank, changed"]),
    ("U+0000, lone surrogates in JSON", "escaped and raw",
     "refused with position; with --escape-nul stored as visible text and listed",
     ["U+0000, lone surrogates in JSON"]),
    ("invalid UTF-8, JSON NaN, 1e999", "each in a metadata file", "refused with position",
     ["invalid UTF-8, JSON NaN, 1e999"]),
    ("huge integers, duplicate keys, −0", "80 digits, a key twice, -0",
     "every digit is kept; refused; flagged", ["huge integers, duplicate keys, −0"]),
    ("1 GB field, 100,000 levels of nesting, long ids", "generated files", "refused in time",
     ["1 GB field, 100,000 levels of nesting, long ids"]),
    ("symlink, FIFO, hard link that leaves the tree",
     "links and pipes in place of files; races of links on scan and restore",
     "nothing outside is read or written",
     ["symlink, FIFO, hard link that leaves the tree", "symlink that leaves the tree"]),
    ("two operators at once", "runs on one database at one moment, with one and two workers",
     "each store is taken once; who has it is named; --wait waits",
     ["two operators at once", "two runs with two workers", "with --wait"]),
    ("store changing while it is read", "the application writes at a stage of the run",
     "copied first; a torn copy is refused",
     ["a store that changes while it is", "store changing while it is read"]),
    ("clock skew, two runs in a second", "parallel starts; a clock a day behind the files",
     "no folder is shared; all stores together are waited for once",
     ["clock skew, two runs in a second", "files from the future are waited for once"]),
    ("numbers from outside",
     "file times of any year, sizes beyond all disks, forged manifests, ledger and journal integers",
     "shown, compared and added up, or refused by name; no crash",
     ["file times of any year", "sizes beyond all disks", "a manifest's sizes are refused",
      "integers of ledger and journal may be anything"]),
    ("a file that takes minutes to read", "files of holes of a terabyte, with SIGTERM",
     "counts that cannot match are refused first; a signal ends it within seconds",
     ["counts that cannot match are refused", "a signal ends a reading within seconds"]),
    ("a fault of the program's own, no memory", "the signals of a crash; ulimit -v",
     "one sentence; nothing of the store at hand is committed",
     ["a fault is said", "memory that is not there for a fit"]),
    ("database not UTF-8; pgvector absent, too old; no CREATE right",
     "a LATIN1 database, a PostgreSQL without pgvector, a restricted role",
     "named before anything is written",
     ["database not UTF-8", "a server without pgvector", "a role that may not create"]),
    ("a matrix of databases",
     "settings of databases, roles and operators; operators, functions and tables planted in searched "
     "schemas; triggers before, after and at COMMIT that change, keep out, copy, keep or put back rows; "
     "rules; unlogged, temporary, partitioned and inherited tables; poolers in each mode",
     "after migrate, verify and rollback nothing is lost, doubled or changed, and nothing planted has "
     "run; or the run was refused by name before anything was written, or the store rolled back",
     ["settings of a database, a role or an operator", "a database that is set to read-only",
      "a role whose triggers are switched off",
      "nothing that others have planted runs", "a pooler hands sessions on",
      "triggers and rules lose, double", "tables of other kinds are right",
      "commits that a crash takes back"]),
    ("row-level security on the table", "policies, two roles, a role that sees no row",
     "staged, inserted, seen; 0 visible rows are never verified",
     ["row-level security", "0 visible rows under row-level security"]),
    ("rollback after the application wrote", "rows changed and added between",
     "only this run's unchanged rows go; the others are listed",
     ["rollback after the application wrote"]),
    ("secrets", "a canary password, API key and master key",
     "found nowhere: arguments, logs, reports, manifests, journal", ["secrets"]),
    ("forged manifest", "paths that leave, absolute paths, more than there is; flipped bytes",
     "nothing of it is believed; every flipped byte is found",
     ["forged manifest", "flipped backup bytes"]),
]


def results(path):
    """The tests that ran: name → passed, for every case of it."""
    found = collections.defaultdict(list)
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = re.sub(r"\(.*\)$", "", case.get("name", "")).strip("`")
        if case.find("skipped") is None:
            found[name].append(case.find("failure") is None)
    return found


def counts(path):
    noted = collections.defaultdict(lambda: collections.defaultdict(int))
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            noted[entry["row"]][entry["what"]] += entry["count"]
    return noted


def item(text):
    """Prints one item of a list, in lines of at most 100 columns."""
    print(textwrap.fill("- " + text, 100, subsequent_indent="  ", break_long_words=False,
                        break_on_hyphens=False))


def main():
    ran, noted = {}, {}
    for path in sys.argv[1:]:
        if path.endswith(".jsonl"):
            noted = counts(path)
        else:
            ran.update(results(path))
    print("# Faults, and what held\n")
    print("Made by `Scripts/faults-page.py` from the results of `./run_tests.sh --full`; every row")
    print("names the tests that brought its fault about, and all of them passed.")
    if sum(not path.endswith(".jsonl") for path in sys.argv[1:]) > 1:
        print("Some did so when they were run again in their long form after that run.")
    print()
    wrong = []
    for row, injected, held, names in ROWS:
        print("## %s\n" % row)
        item("Injected: %s." % injected)
        item("Held: %s." % held)
        for what, count in sorted(noted.get(row, {}).items()):
            item("Counted: %d %s." % (count, what))
        for beginning in names:
            tests = sorted(name for name in ran if name.startswith(beginning))
            if not tests or not all(all(ran[name]) for name in tests):
                wrong.append("%s: %s" % (row, beginning))
            for name in tests:
                item("Test: “%s”" % name)
        print()
    for line in wrong:
        print("no passed test: " + line, file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
