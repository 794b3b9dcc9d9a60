"""The Damage page."""
