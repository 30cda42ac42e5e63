"""The HTTP edge that every service shares: who asks, what may be sent, how no is said."""
