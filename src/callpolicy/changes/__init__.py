"""What a change of the norm does: to every possible call, to recorded ones, and in words for those who work by it."""

from callpolicy.changes.beside import Beside, beside
from callpolicy.changes.brief import brief
from callpolicy.changes.clauses import Clause, clause_changes
from callpolicy.changes.comparing import MOST, compare_meaning
from callpolicy.changes.model import Meaning, Move, Part, Range, Region, Said
from callpolicy.changes.recorded import RecordedChange, compare_recorded
from callpolicy.changes.rules import RuleChanges, rule_changes
from callpolicy.changes.telling import (
    call_text,
    clause_text,
    move_text,
    region_text,
    remarks,
    same_text,
    sentences,
    word,
)

__all__ = [
    "MOST",
    "Beside",
    "Clause",
    "Meaning",
    "Move",
    "Part",
    "Range",
    "RecordedChange",
    "Region",
    "RuleChanges",
    "Said",
    "beside",
    "brief",
    "call_text",
    "clause_changes",
    "clause_text",
    "compare_meaning",
    "compare_recorded",
    "move_text",
    "region_text",
    "remarks",
    "rule_changes",
    "same_text",
    "sentences",
    "word",
]
