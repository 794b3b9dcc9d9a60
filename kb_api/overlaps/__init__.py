"""Which things of the base meet on the ground, as facts that are kept at every load."""
