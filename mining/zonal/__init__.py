"""Rasters in polygons: what each unit shows."""
