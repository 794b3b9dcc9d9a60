"""Band tables of the sensors: name, wavelength, resolution, common name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """One spectral band of a sensor.

    Attributes:
        name: The sensor's own name, as in product file names ("B8A").
        wavelength_nm: Central wavelength in nanometres.
        resolution_m: Native ground sampling distance in metres.
        common_name: The name of the STAC `eo` extension ("nir08"); None without one.
    """

    name: str
    wavelength_nm: float
    resolution_m: int
    common_name: str | None


SENTINEL2_BANDS: dict[str, Band] = {
    band.name: band
    for band in (
        Band("B01", 442.7, 60, "coastal"),
        Band("B02", 492.7, 10, "blue"),
        Band("B03", 559.8, 10, "green"),
        Band("B04", 664.6, 10, "red"),
        Band("B05", 704.1, 20, "rededge071"),
        Band("B06", 740.5, 20, "rededge075"),
        Band("B07", 782.8, 20, "rededge078"),
        Band("B08", 832.8, 10, "nir"),
        Band("B8A", 864.7, 20, "nir08"),
        Band("B09", 945.1, 60, "nir09"),
        Band("B10", 1373.5, 60, "cirrus"),
        Band("B11", 1613.7, 20, "swir16"),
        Band("B12", 2202.4, 20, "swir22"),
    )
}
"""The 13 MSI bands in the order of `band_id` 0 to 12 in the product metadata.

Central wavelengths are those of Sentinel-2A, from `Spectral_Information_List` of
MTD_MSIL2A.xml.
"""

SENTINEL1_POLARISATIONS = ("VV", "VH", "HH", "HV")
"""Polarisations of Sentinel-1 C-SAR, transmitted then received."""

INDEX_BANDS = ("NDVI", "NBR", "NDMI", "NDWI")
"""Spectral indices that a raster may hold in the place of bands, each -1 to 1."""
