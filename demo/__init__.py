"""The demonstration: agencies and workers who only use the public HTTP API, and a narrative of what comes of it."""
