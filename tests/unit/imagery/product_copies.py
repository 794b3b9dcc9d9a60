"""The simulated product in the other forms that products come in."""

import re
import shutil
import zipfile
from pathlib import Path

L1C_OFFSETS = "".join(
    f'<RADIO_ADD_OFFSET band_id="{band}">{-1000 - band}</RADIO_ADD_OFFSET>'
    for band in range(13)
)


def zipped(safe: Path, path: Path) -> Path:
    """A zip of a SAFE folder, as products are distributed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(safe.rglob("*")):
            archive.write(one, f"{safe.name}/{one.relative_to(safe).as_posix()}")
    return path


def as_l1c(safe: Path, folder: Path) -> Path:
    """An L1C product with the pixels of an L2A one: names and metadata of L1C."""
    name = safe.name.replace("MSIL2A", "MSIL1C")
    made = folder / name
    text = (safe / "MTD_MSIL2A.xml").read_text("utf-8")
    for old in re.findall(r"<IMAGE_FILE>(.*)</IMAGE_FILE>", text):
        if old.endswith("_SCL_20m"):
            text = text.replace(f"<IMAGE_FILE>{old}</IMAGE_FILE>", "")
            continue
        new = re.sub(r"/R\d\dm/(.*)_\d\dm$", r"/\1", old).replace("L2A_", "L1C_")
        (made / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(safe / f"{old}.jp2", made / f"{new}.jp2")
        text = text.replace(f">{old}<", f">{new}<")
    for old, new in (
        ("Level-2A", "Level-1C"),
        ("MSIL2A", "MSIL1C"),
        ("S2MSI2A", "S2MSI1C"),
        ("BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE"),
        (
            "</QUANTIFICATION_VALUES_LIST>",
            "</QUANTIFICATION_VALUES_LIST><Radiometric_Offset_List>"
            f"{L1C_OFFSETS}</Radiometric_Offset_List>",
        ),
    ):
        assert old in text
        text = text.replace(old, new)
    (made / "MTD_MSIL1C.xml").write_text(text, "utf-8")
    return made
