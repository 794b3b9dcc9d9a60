"""manifest.safe and INSPIRE.xml of a simulated SAFE product."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from imagery.product_metadata import SIMULATED_COMMENT
from imagery.simulation.place import MARK
from imagery.simulation.product_name import ProductName


def inspire_xml(name: ProductName) -> str:
    """INSPIRE.xml: an abstract that says what the product is."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" \
xmlns:gco="http://www.isotc211.org/2005/gco">
  <gmd:fileIdentifier>
    <gco:CharacterString>{name.product_id}</gco:CharacterString>
  </gmd:fileIdentifier>
  <gmd:identificationInfo>
    <gmd:MD_DataIdentification>
      <gmd:abstract>
        <gco:CharacterString>{MARK}</gco:CharacterString>
      </gmd:abstract>
    </gmd:MD_DataIdentification>
  </gmd:identificationInfo>
</gmd:MD_Metadata>
"""


def manifest_xml(name: ProductName, checksums: Mapping[str, str]) -> str:
    """manifest.safe: platform, orbit and time, and each file with its MD5.

    Args:
        name: The product's name.
        checksums: Hex MD5 of each file, by its path inside the product.
    """
    objects = "\n".join(
        f"""    <dataObject ID={quoteattr("File_" + str(number))}>
      <byteStream mimeType="{_mime(file)}">
        <fileLocation locatorType="URL" href={quoteattr("./" + file)}/>
        <checksum checksumName="MD5">{checksum}</checksum>
      </byteStream>
    </dataObject>"""
        for number, (file, checksum) in enumerate(checksums.items(), start=1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- {SIMULATED_COMMENT}: {MARK} -->
<xfdu:XFDU xmlns:gml="http://www.opengis.net/gml" \
xmlns:safe="http://www.esa.int/safe/sentinel/1.1" xmlns:xfdu="urn:ccsds:schema:xfdu:1" \
version="esa/safe/sentinel/1.1/sentinel-2/msi/archive_l2a_user_product">
  <informationPackageMap>
    <xfdu:contentUnit unitType="Product_Level-2A" \
textInfo="SENTINEL-2 MSI Level-2A User Product" pdiID="processing"/>
  </informationPackageMap>
  <metadataSection>
    <metadataObject ID="acquisitionPeriod" classification="DESCRIPTION" category="DMD">
      <metadataWrap textInfo="Acquisition Period" vocabularyName="Sentinel-SAFE" \
mimeType="text/xml">
        <xmlData>
          <safe:acquisitionPeriod>
            <safe:startTime>{name.begins}</safe:startTime>
          </safe:acquisitionPeriod>
        </xmlData>
      </metadataWrap>
    </metadataObject>
    <metadataObject ID="measurementOrbitReference" classification="DESCRIPTION" \
category="DMD">
      <metadataWrap textInfo="Orbit Reference" vocabularyName="Sentinel-SAFE" \
mimeType="text/xml">
        <xmlData>
          <safe:orbitReference>
            <safe:orbitNumber type="start" groundTrackDirection="descending">\
{name.absolute_orbit:06d}</safe:orbitNumber>
            <safe:relativeOrbitNumber type="start">{name.orbit:03d}\
</safe:relativeOrbitNumber>
          </safe:orbitReference>
        </xmlData>
      </metadataWrap>
    </metadataObject>
  </metadataSection>
  <dataObjectSection>
{objects}
  </dataObjectSection>
</xfdu:XFDU>
"""


def _mime(file: str) -> str:
    if file.endswith(".jp2"):
        return "application/octet-stream"
    return "text/xml" if file.endswith(".xml") else "text/plain"
