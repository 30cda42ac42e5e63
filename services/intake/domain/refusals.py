"""What intake says when it refuses: one sentence a code, in plain words, that repeats nothing of what was sent."""

from typing import Final

REFUSALS: Final = {
    "about-missing": "The report does not say whom it is about.",
    "batch-too-large": "A batch holds at most 1,000 events: send it in parts.",
    "disruption-unreachable": "The task cannot be looked up at this moment: send the same event again later.",
    "event-attribute-missing": "A CloudEvents attribute that is needed is not there.",
    "event-attribute-wrong": "The value of this CloudEvents attribute is not of the form that is asked for.",
    "event-too-large": "An event holds at most 256 KiB.",
    "identifier-check-digit-wrong": "The check digit does not fit the number: look for a mistyped digit.",
    "identifier-check-letter-wrong": "The check letter does not fit the number: look for a mistyped digit.",
    "identifier-malformed": "The identifier is not of the form of its type.",
    "identifier-placeholder": "The identifier is a placeholder that stands for nobody.",
    "identifier-year-in-future": "The identifier carries a year that has not begun.",
    "kind-not-agreed": "There is no agreement that your agency tells this kind of report.",
    "kind-unknown": "There is no kind of report of this type.",
    "order-kind-unknown": "This is not a kind of order that the catalogue knows. Choose one that it lists.",
    "person-unknown": "Nobody with this reference was referred to us.",
    "report-already-identified": "It was already said whom this report is about.",
    "report-id-reused": "This source and id were used before for another content: send a correction as a new event.",
    "report-unknown": "There is no report with this reference.",
    "task-unknown": "There is no task with this reference for your agency.",
    "time-too-far-ahead": "This moment lies more than 5 minutes ahead of our clock.",
}
