"""Change between two dates: methods, rasters, regions."""
