"""What is kept too short for what the norm asks of it, and what is declared clear without need."""

from __future__ import annotations

from collections.abc import Iterator

from callpolicy.check.placing import POLICY
from callpolicy.errors import Finding, Severity, SourceSpan
from callpolicy.facts import Privacy
from callpolicy.instants import duration_text
from callpolicy.policy import Bundle
from callpolicy.windows import retention


def look_at_keeping(bundle: Bundle) -> Iterator[Finding]:
    """Every finding about retention and clear text."""
    yield from _history(bundle)
    yield from _blocks(bundle)
    for name in sorted(bundle.settings.clear):
        fact = bundle.catalogue.get(name)
        if fact is not None and fact.privacy is not Privacy.PERSONAL:
            message = f"`{name}` is not personal and stands in clear text anyway"
            hint = "take it out of `privacy: {clear: …}`; only a personal fact needs an entry"
            yield Finding("clear-not-needed", message, POLICY, hint, severity=Severity.WARNING)


def _history(bundle: Bundle) -> Iterator[Finding]:
    kept = bundle.settings.retention.history
    lengths = {window.fact: retention([window]) for window in bundle.windows}
    if kept is None or not lengths:
        return
    longest = max(sorted(lengths), key=lambda fact: lengths[fact])
    if kept < lengths[longest]:
        length = duration_text(lengths[longest])
        message = f"the history is kept for {duration_text(kept)}, and a window reaches back further"
        hint = f"`{longest}` reaches back {length}; write `history: {length}` or longer, or leave `history` out"
        yield Finding("retention-too-short", message, _place(bundle, "history"), hint)


def _blocks(bundle: Bundle) -> Iterator[Finding]:
    kept = bundle.settings.retention.blocks
    ladder = bundle.governance.ladder if bundle.governance is not None else None
    # WHY an error, though a shorter memory is kinder: the term would hang on whether the old block was erased yet, and
    # not on the norm.
    if ladder is not None and kept < ladder.look_back:
        length = duration_text(ladder.look_back)
        message = (
            f"ended blocks are kept for {duration_text(kept)}, and the ladder of `governance.yaml` looks back further"
        )
        hint = f"it looks back {length}; write `blocks: {length}` or longer, or a shorter `look_back`"
        yield Finding("retention-too-short", message, _place(bundle, "blocks"), hint)


def _place(bundle: Bundle, name: str) -> SourceSpan:
    return bundle.settings.retention.spans.get(name, POLICY)
