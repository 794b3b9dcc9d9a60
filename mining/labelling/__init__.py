"""Labels of patches: stored, learned from, asked for."""
