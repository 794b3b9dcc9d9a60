"""Sensors joined: Sentinel-1 and -2 on one grid, classified."""
