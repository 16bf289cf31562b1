// Written by Scripts/embed-sets.py; do not edit.

/// The files of SQL below Sources/MigrationFiles/Sets/SQL, folder by folder.
enum BundledFiles {}
