"""Accuracy of our defaults beside simple baselines, on given splits of real data."""
