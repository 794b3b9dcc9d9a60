"""Results into RDF: the only bridge between pixels and meaning."""
