"""Damage reports, for the command and for the service."""
