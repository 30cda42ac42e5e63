"""Intake: takes what agencies tell, finds whom it is about, and passes it on without a personal word in it.

Hears:   action-tasked, task-recalled; its own report-identified.
Decides: whether a report can be taken, who it is about, and whether a referral is new or a repeat.
Says:    report-taken, report-waiting, report-waits-no-more, referral-received, victim-named.
Never:   passes on a name or a free word unsealed, or tells an agency whether somebody is known to us.
"""
