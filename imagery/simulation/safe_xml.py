"""Metadata XML of a simulated SAFE product, elements named as in real ones."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates

from imagery.bands import SENTINEL2_BANDS
from imagery.grid import footprint
from imagery.product_metadata import SIMULATED_COMMENT
from imagery.simulation.instrument import QUANTIFICATION
from imagery.simulation.place import CRS, GRID, MARK, NORTH_M, TILE, WEST_M
from imagery.simulation.product_name import ProductName

_PSD = "https://psd-14.sentinel2.eo.esa.int/PSD/"
_CENTRE = "SIMU"
_LIMITS_NM = (
    (412, 456), (456, 533), (538, 583), (646, 684), (695, 714), (731, 749), (769, 797),
    (760, 907), (837, 881), (932, 958), (1337, 1412), (1539, 1682), (2078, 2320),
)  # fmt: skip
_SCL_NAMES = (
    "SC_NODATA", "SC_SATURATED_DEFECTIVE", "SC_DARK_FEATURE_SHADOW", "SC_CLOUD_SHADOW",
    "SC_VEGETATION", "SC_NOT_VEGETATED", "SC_WATER", "SC_UNCLASSIFIED",
    "SC_CLOUD_MEDIUM_PROBA", "SC_CLOUD_HIGH_PROBA", "SC_THIN_CIRRUS", "SC_SNOW_ICE",
)  # fmt: skip
_CONTENT = (
    ("NODATA_PIXEL_PERCENTAGE", 0),
    ("SATURATED_DEFECTIVE_PIXEL_PERCENTAGE", 1),
    ("DARK_FEATURES_PERCENTAGE", 2),
    ("CLOUD_SHADOW_PERCENTAGE", 3),
    ("VEGETATION_PERCENTAGE", 4),
    ("NOT_VEGETATED_PERCENTAGE", 5),
    ("WATER_PERCENTAGE", 6),
    ("UNCLASSIFIED_PERCENTAGE", 7),
    ("MEDIUM_PROBA_CLOUDS_PERCENTAGE", 8),
    ("HIGH_PROBA_CLOUDS_PERCENTAGE", 9),
    ("THIN_CIRRUS_PERCENTAGE", 10),
    ("SNOW_ICE_PERCENTAGE", 11),
)


def product_xml(
    name: ProductName, images: Sequence[str], classification: NDArray[np.uint8]
) -> str:
    """MTD_MSIL2A.xml: general, geometric and quality information of the product.

    Args:
        name: The product's name.
        images: IMAGE_FILE entries, without suffix.
        classification: (y, x) SCL classes, for the percentages.
    """
    lines = "\n".join(
        f"            <IMAGE_FILE>{escape(image)}</IMAGE_FILE>" for image in images
    )
    shares = 100 * np.bincount(classification.ravel(), minlength=12)[:12]
    percent = shares / classification.size
    content = "\n".join(
        f"      <{tag}>{percent[code]:.6f}</{tag}>" for tag, code in _CONTENT
    )
    corners = " ".join(
        f"{latitude:.7f} {longitude:.7f}"
        for longitude, latitude in get_coordinates(footprint(GRID))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- {SIMULATED_COMMENT}: {MARK} -->
<n1:Level-2A_User_Product {_namespaces("n1", _PSD + "User_Product_Level-2A.xsd")}>
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>{name.begins}</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>{name.begins}</PRODUCT_STOP_TIME>
      <PRODUCT_URI>{name.product_id}.SAFE</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>
      <PROCESSING_BASELINE>{name.baseline}</PROCESSING_BASELINE>
      <GENERATION_TIME>{name.made}</GENERATION_TIME>
      <PREVIEW_IMAGE_URL>Not applicable</PREVIEW_IMAGE_URL>
      <PREVIEW_GEO_INFO>Not applicable</PREVIEW_GEO_INFO>
      <Datatake datatakeIdentifier="{_datatake(name)}">
        <SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
        <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
        <DATATAKE_SENSING_START>{name.begins}</DATATAKE_SENSING_START>
        <SENSING_ORBIT_NUMBER>{name.orbit}</SENSING_ORBIT_NUMBER>
        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
      </Datatake>
      <Query_Options completeSingleTile="true">
        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
      </Query_Options>
      <Product_Organisation>
        <Granule_List>
          <Granule datastripIdentifier="{_datastrip(name)}" \
granuleIdentifier="{_granule(name)}" imageFormat="JPEG2000">
{lines}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>
      </Special_Values>
      <Image_Display_Order>
        <RED_CHANNEL>3</RED_CHANNEL>
        <GREEN_CHANNEL>2</GREEN_CHANNEL>
        <BLUE_CHANNEL>1</BLUE_CHANNEL>
      </Image_Display_Order>
      <QUANTIFICATION_VALUES_LIST>
        <BOA_QUANTIFICATION_VALUE unit="none">{QUANTIFICATION}\
</BOA_QUANTIFICATION_VALUE>
      </QUANTIFICATION_VALUES_LIST>
{_spectral_information()}
{_scene_classification_list()}
    </Product_Image_Characteristics>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Product_Footprint>
      <Product_Footprint>
        <Global_Footprint>
          <EXT_POS_LIST>{corners}</EXT_POS_LIST>
        </Global_Footprint>
      </Product_Footprint>
      <RASTER_CS_TYPE>POINT</RASTER_CS_TYPE>
      <PIXEL_ORIGIN>1</PIXEL_ORIGIN>
    </Product_Footprint>
    <Coordinate_Reference_System>
      <GEO_TABLES version="1">EPSG</GEO_TABLES>
      <HORIZONTAL_CS_TYPE>GEOGRAPHIC</HORIZONTAL_CS_TYPE>
    </Coordinate_Reference_System>
  </n1:Geometric_Info>
  <n1:Quality_Indicators_Info>
    <Cloud_Coverage_Assessment>{percent[[8, 9, 10]].sum():.6f}\
</Cloud_Coverage_Assessment>
    <Technical_Quality_Assessment>
      <DEGRADED_ANC_DATA_PERCENTAGE>0.0</DEGRADED_ANC_DATA_PERCENTAGE>
      <DEGRADED_MSI_DATA_PERCENTAGE>0</DEGRADED_MSI_DATA_PERCENTAGE>
    </Technical_Quality_Assessment>
    <Image_Content_QI>
{content}
    </Image_Content_QI>
  </n1:Quality_Indicators_Info>
</n1:Level-2A_User_Product>
"""


def tile_xml(name: ProductName, plane_size: Mapping[int, int]) -> str:
    """MTD_TL.xml: grid of the granule; its size is that of the simulated cut.

    Args:
        name: The product's name.
        plane_size: Rows, and columns, of a band at each resolution in metres.
    """
    sizes = "\n".join(
        f"""      <Size resolution="{metres}">
        <NROWS>{pixels}</NROWS>
        <NCOLS>{pixels}</NCOLS>
      </Size>"""
        for metres, pixels in plane_size.items()
    )
    positions = "\n".join(
        f"""      <Geoposition resolution="{metres}">
        <ULX>{WEST_M}</ULX>
        <ULY>{NORTH_M}</ULY>
        <XDIM>{metres}</XDIM>
        <YDIM>-{metres}</YDIM>
      </Geoposition>"""
        for metres in plane_size
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- {SIMULATED_COMMENT}: {MARK} -->
<n1:Level-2A_Tile_ID {_namespaces("n1", _PSD + "S2_PDI_Level-2A_Tile_Metadata.xsd")}>
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">{_granule(name)}</TILE_ID>
    <DATASTRIP_ID metadataLevel="Standard">{_datastrip(name)}</DATASTRIP_ID>
    <DOWNLINK_PRIORITY metadataLevel="Standard">NOMINAL</DOWNLINK_PRIORITY>
    <SENSING_TIME metadataLevel="Standard">{name.made}</SENSING_TIME>
    <Archiving_Info metadataLevel="Expertise">
      <ARCHIVING_CENTRE>{_CENTRE}</ARCHIVING_CENTRE>
      <ARCHIVING_TIME>{name.made}</ARCHIVING_TIME>
    </Archiving_Info>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>WGS84 / UTM zone 30N</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>{CRS}</HORIZONTAL_CS_CODE>
{sizes}
{positions}
    </Tile_Geocoding>
  </n1:Geometric_Info>
</n1:Level-2A_Tile_ID>
"""


def _spectral_information() -> str:
    entries = "\n".join(
        f"""        <Spectral_Information bandId="{number}" \
physicalBand="{_physical(band.name)}">
          <RESOLUTION>{band.resolution_m}</RESOLUTION>
          <Wavelength>
            <MIN unit="nm">{low}</MIN>
            <MAX unit="nm">{high}</MAX>
            <CENTRAL unit="nm">{band.wavelength_nm}</CENTRAL>
          </Wavelength>
        </Spectral_Information>"""
        for number, (band, (low, high)) in enumerate(
            zip(SENTINEL2_BANDS.values(), _LIMITS_NM, strict=True)
        )
    )
    return f"""      <Spectral_Information_List>
{entries}
      </Spectral_Information_List>"""


def _scene_classification_list() -> str:
    entries = "\n".join(
        f"""        <Scene_Classification_ID>
          <SCENE_CLASSIFICATION_TEXT>{text}</SCENE_CLASSIFICATION_TEXT>
          <SCENE_CLASSIFICATION_INDEX>{code}</SCENE_CLASSIFICATION_INDEX>
        </Scene_Classification_ID>"""
        for code, text in enumerate(_SCL_NAMES)
    )
    return f"""      <Scene_Classification_List>
{entries}
      </Scene_Classification_List>"""


def _physical(band: str) -> str:
    return band.replace("B0", "B")


def _namespaces(prefix: str, schema: str) -> str:
    return (
        f'xmlns:{prefix}="{schema}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{schema}"'
    )


def _datatake(name: ProductName) -> str:
    return f"GS2A_{name.sensing}_{name.absolute_orbit:06d}_N{name.baseline}"


def _datastrip(name: ProductName) -> str:
    return (
        f"S2A_OPER_MSI_L2A_DS_{_CENTRE}_{name.discriminator}_S{name.discriminator}_"
        f"N{name.baseline}"
    )


def _granule(name: ProductName) -> str:
    return (
        f"S2A_OPER_MSI_L2A_TL_{_CENTRE}_{name.discriminator}_"
        f"A{name.absolute_orbit:06d}_{TILE}_N{name.baseline}"
    )
