"""Vector files: read by what they hold, placed on the Earth, written whole."""
