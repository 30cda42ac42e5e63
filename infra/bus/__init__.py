"""How one service hears another: the port, and its adapters. The journal is the truth; a bus is a way to hear of it."""
