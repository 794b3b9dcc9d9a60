"""The pixel side's error tree.

    ImageryError
    ├── UnreadableProduct   a product, raster or its metadata cannot be read
    ├── MissingBand         a scene lacks a band that was asked for
    ├── GridMismatch        two grids cannot be laid over each other
    └── InvalidUnits        a file of territorial units is not usable

A message has three parts: what is wrong, which one, what to do. Nothing else may
raise out of `imagery` on bad input; a bug keeps its own traceback.
"""


class ImageryError(Exception):
    """Anything wrong with pixels or their description that a user can act on."""


class UnreadableProduct(ImageryError):
    """A product, a raster or its metadata is missing, damaged or unsupported."""


class MissingBand(ImageryError):
    """A scene lacks a band that a computation needs."""


class GridMismatch(ImageryError):
    """Two grids differ in CRS, resolution or alignment, or do not meet."""


class InvalidUnits(ImageryError):
    """A file of territorial units has bad geometry, identifiers or CRS."""
