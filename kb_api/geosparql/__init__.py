"""What makes the embedded store a GeoSPARQL engine: literals, functions, index."""
