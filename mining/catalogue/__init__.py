"""The patch catalogue: patches cut, described, stored."""
