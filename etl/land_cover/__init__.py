"""Land cover: classes of rasters and models as facts."""
