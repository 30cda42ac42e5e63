"""Audit: keeps the ledger of every message that services said, in its place and with its chain intact.

Hears:   every message of every service.
Decides: nothing about people: only whether a message is the next of its service and its chain unbroken.
Says:    nothing; what it holds is read by auditors alone.
Never:   opens what is sealed: it holds no key.
"""
