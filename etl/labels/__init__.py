"""Patches and their labels as facts."""
