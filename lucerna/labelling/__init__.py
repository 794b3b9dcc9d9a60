"""Label sessions, for the service."""
