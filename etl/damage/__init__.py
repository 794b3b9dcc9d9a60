"""Events that do damage, their rules and reports, as facts."""
