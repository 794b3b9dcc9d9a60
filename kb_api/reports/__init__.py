"""Damage reports rendered from the graph: pages, tables, shapes, evidence."""
