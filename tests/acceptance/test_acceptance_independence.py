"""The scripts that work out expected answers use nothing of the product."""

import ast
from pathlib import Path

SCRIPTS = Path(__file__).parent / "expected"
ALLOWED = {
    "affine", "ast", "collections", "csv", "dataclasses", "datetime", "defusedxml",
    "geopandas", "hashlib", "json", "jsonschema", "math", "numpy", "pandas", "pathlib",
    "pyproj", "pystac", "rasterio", "re", "referencing", "shapely", "typing",
}  # fmt: skip


def test_expected_answers_import_none_of_our_packages() -> None:
    scripts = sorted(SCRIPTS.glob("*.py"))
    assert len(scripts) >= 8
    allowed = ALLOWED | {script.stem for script in scripts}
    for script in scripts:
        imported = set()
        for node in ast.walk(ast.parse(script.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{script.name}: relative import"
                imported.add(str(node.module).partition(".")[0])
        assert imported <= allowed, f"{script.name}: {imported - allowed}"
