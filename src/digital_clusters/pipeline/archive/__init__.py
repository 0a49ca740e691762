"""The replication package: an archive with checksums and the README that data editors ask for."""
