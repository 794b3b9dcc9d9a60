"""Labels of a scheme, and the sample's own labels beside them."""

import pytest

from etl.land_cover.class_scheme import class_labels
from imagery.errors import ImageryError
from imagery.simulation.territory import CLC_LABELS


def test_the_sample_says_what_the_scheme_says() -> None:
    labels = class_labels("clc")
    assert len(labels) == 5 + 15 + 44
    assert len(CLC_LABELS) >= 7
    assert {code: labels[code] for code in CLC_LABELS} == CLC_LABELS


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ImageryError, match="'oso' is unknown"):
        class_labels("oso")
