"""The commands of `cordon`, one file each. They translate arguments, and say what happened in words or as JSON."""
