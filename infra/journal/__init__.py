"""The journal: everything that happened to one service at one site, in one sequence and one hash chain.

Also its messages, the shared records numbered and chained by themselves, and the indexes that are rebuilt from it.
"""
