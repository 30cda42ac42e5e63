"""Disruption: decides with agencies what is done about him, and asks for nothing that the victims' side did not clear.

Hears:   report-taken (orders, breaches, answers to tasks); case-opened, case-allocated; clearance-given,
         clearance-suspended, conditions-met, impact-recorded, liaison-named, liaison-stood-down; its own action-tasked.
Decides: which orders protect today; whether an action may be proposed, authorised and tasked, and when it is recalled.
Says:    order-granted, order-served, order-breached; action-proposed, action-changed, action-authorised,
         action-tasked, action-concluded, action-withdrawn; task-answered, task-overdue, task-recalled.
Never:   asks an agency to act without a clearance in force for this very version, or tells it more than its task.
"""
