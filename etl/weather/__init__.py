"""Weather of stations: files by a mapping, into nights, days and months as facts."""
