"""The SPARQL endpoint: limits, workers, frozen copies, what it tells of itself."""
