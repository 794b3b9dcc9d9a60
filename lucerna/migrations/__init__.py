"""Migrations of the patch catalogue, run by `lucerna.database`."""
