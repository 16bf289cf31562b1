// Written by Scripts/embed-sets.py; do not edit.

/// The files of SQL below Sources/Embedding/SQL, folder by folder.
enum CacheFiles {}
