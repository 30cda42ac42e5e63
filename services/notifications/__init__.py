"""Notifications: sees to it that whoever must know of a change knows in time, the liaison worker first.

Hears:   case-opened, case-allocated, engagement-recorded; what becomes of orders, actions and tasks; liaison-named,
         liaison-stood-down, information-released, what is said on clearances; report-taken (of custody),
         report-waiting, report-waits-no-more.
Decides: who must know or act, by when, and whose list it goes to if nobody has seen it by then.
Says:    notice-raised, notice-escalated.
Never:   names an agency, an establishment or a place, or tells one side when the other has read.
"""
