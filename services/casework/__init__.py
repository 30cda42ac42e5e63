"""Casework: keeps the case of one perpetrator, who works with him, and whether he is aware of it.

Hears:   referral-received, report-taken (of custody); liaison-named, liaison-stood-down, information-released;
         what becomes of orders, actions and tasks.
Decides: whether a case is open, who the case manager is, how he takes part, and whether he may be messaged.
Says:    case-opened, case-allocated, engagement-recorded.
Never:   gives a case to somebody who stands with a victim, or shows what happens on the victim's side.
"""
