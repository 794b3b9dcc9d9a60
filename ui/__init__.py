"""Pages (Panel) that speak the REST API."""
