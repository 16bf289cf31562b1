// Written by Scripts/embed-sets.py; do not edit.

/// The files of SQL below Sources/OwnSchema/SQL, folder by folder.
package enum FerryFiles {}
