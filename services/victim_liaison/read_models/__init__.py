"""What victim_liaison shows: its tables, how events change them, what may be asked of them, and its own worklist."""

from services.victim_liaison.read_models.projections import ALL

__all__ = ["ALL"]
