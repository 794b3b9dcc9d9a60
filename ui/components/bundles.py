"""Where a page finds the scripts that were bundled for the browser."""

import functools
import hashlib
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"


@functools.cache
def bundle_address(name: str) -> str:
    """Address of a bundle, relative to the page, with its version.

    Args:
        name: Its file name, such as `geo_map.js`.

    Raises:
        FileNotFoundError: The bundles were not built.
    """
    bundle = ASSETS / name
    if not bundle.is_file():
        raise FileNotFoundError(f"{bundle} is missing; build the bundles: make setup")
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()[:12]
    return f"assets/{name}?v={digest}"
