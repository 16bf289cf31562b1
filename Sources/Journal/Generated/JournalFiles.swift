// Written by Scripts/embed-sets.py; do not edit.

/// The files of SQL below Sources/Journal/SQL, folder by folder.
enum JournalFiles {}
