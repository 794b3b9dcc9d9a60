"""Pixels: scenes, grids, windows, masks and pictures; nothing of meaning."""
