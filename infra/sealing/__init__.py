"""Sealing: personal data is unreadable to whoever does not hold its compartment's key, and once it is erased."""
