"""Blocklist and allowlist entries: who is covered, by what, until when; an index over very many of them."""

from callpolicy.lists.covers import Shape, Shapes, covering, covers_of, shape_of
from callpolicy.lists.entries import Entries, Entry, ListName, Standing, Subject
from callpolicy.lists.index import ListIndex
from callpolicy.lists.terms import end_of_term

__all__ = [
    "Entries",
    "Entry",
    "ListIndex",
    "ListName",
    "Shape",
    "Shapes",
    "Standing",
    "Subject",
    "covering",
    "covers_of",
    "end_of_term",
    "shape_of",
]
