"""Findings: change, regions, patches to label, and numbers per territorial unit."""
