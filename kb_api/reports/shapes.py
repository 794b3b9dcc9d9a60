"""The parcels of a report as GeoJSON (RFC 7946), in CRS84."""

from kb_api.features import collection
from kb_api.reports.facts import ReportFacts, key_words


def render_geojson(facts: ReportFacts) -> bytes:
    """A FeatureCollection, one feature a parcel, its identifier as the feature's."""
    labels = {one.name: one.label for one in facts.grades}
    times = {
        "before_time": facts.about["before_time"],
        "after_time": facts.about["after_time"],
        "report": facts.id,
        "simulated": facts.about["simulated"],
    }
    return collection(
        facts.parcels,
        "assessment",
        (
            {
                **row,
                "grade_label": labels[str(row["grade"])],
                "weather_key_label": key_words(row["weather_key"]),
                "crop_key_label": key_words(row["crop_key"]),
                **times,
            }
            for row in facts.parcels
        ),
    )
