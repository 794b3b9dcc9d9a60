"""Damage of insured parcels: rules applied, numbers given."""
