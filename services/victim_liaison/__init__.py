"""Victim liaison: knows the victims, speaks for them, and lets an action past only when each has been heard.

Hears:   victim-named; case-opened, -allocated; action-proposed, -changed, -tasked, -withdrawn, -concluded; its own
         records.
Decides: who stands with a victim, who is asked about an action and by when, the one clearance of each version of it,
         what of a report is released.
Says:    liaison-named, liaison-stood-down, clearance-given, conditions-met, clearance-suspended,
         information-released, impact-recorded.
Never:   says who a victim is, how many there are, who answered and why, or where anybody is; takes silence for consent.
"""
