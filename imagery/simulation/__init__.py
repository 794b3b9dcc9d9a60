"""A made-up landscape of vineyards under frost, for samples and tests."""
