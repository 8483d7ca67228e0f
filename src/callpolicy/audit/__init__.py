"""The audit trail, pure: what is recorded, how it is masked, how it hangs together, and how it is made again.

A decision or an act becomes a draft (`drafts`), takes its place in the chain of its writer (`chain`) as a record with
an erasable personal part (`record`), is found out if anybody changes it (`verifying`), and made again (`remake`).
Nothing here reads a clock, a file or a source of randomness: instants and salts are arguments.
"""

from callpolicy.audit.canonical import Tree, canonical
from callpolicy.audit.chain import Anchor, Appended, Chain, Head
from callpolicy.audit.drafts import act_draft, decision_draft
from callpolicy.audit.keys import Keys
from callpolicy.audit.record import (
    AuditRecord,
    Draft,
    PersonalPart,
    canonical_bytes,
    from_line,
    is_sound,
    part_from_line,
    part_to_line,
    to_line,
    whole_body,
)
from callpolicy.audit.remake import Remade, Remaking, remake, restored
from callpolicy.audit.showing import MASKED, masked, may_show, snapshot_digest
from callpolicy.audit.verifying import Break, BreakKind, Unreadable, read_trail, verify

__all__ = [
    "MASKED",
    "Anchor",
    "Appended",
    "AuditRecord",
    "Break",
    "BreakKind",
    "Chain",
    "Draft",
    "Head",
    "Keys",
    "PersonalPart",
    "Remade",
    "Remaking",
    "Tree",
    "Unreadable",
    "act_draft",
    "canonical",
    "canonical_bytes",
    "decision_draft",
    "from_line",
    "is_sound",
    "masked",
    "may_show",
    "part_from_line",
    "part_to_line",
    "read_trail",
    "remake",
    "restored",
    "snapshot_digest",
    "to_line",
    "verify",
    "whole_body",
]
