"""How it is shown what was done to an audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callpolicy.cli.audit_texts import said
from callpolicy.cli.options import Language
from callpolicy.cli.trail import local, table

if TYPE_CHECKING:
    from callpolicy.audit import Anchor, Break
    from callpolicy.reports import Table
    from callpolicy.stores.sql.inspecting import Inspection, PartBreak


def inspection_dict(seen: Inspection, anchor: Anchor | None, *, parts: bool) -> dict[str, Any]:
    """What an inspection came to, as plain values for JSON."""
    tree: dict[str, Any] = {
        "sound": seen.sound,
        "records": seen.records,
        "writers": seen.writers,
        "head": None if anchor is None else anchor.digest,
        "breaks": [
            {
                "kind": str(each.kind),
                "position": each.position,
                "writer": each.writer,
                "number": each.number,
                "message": each.message,
            }
            for each in seen.breaks
        ],
    }
    if parts:
        tree["parts"] = {"kept": seen.parts, "erased": seen.erased, "never_kept": seen.never}
        tree["part_breaks"] = [
            {"kind": str(each.kind), "writer": each.writer, "number": each.number} for each in seen.part_breaks
        ]
    return tree


def show_inspection(
    seen: Inspection, anchor: Anchor | None, language: Language, *, zone: str, everything: bool, parts: bool
) -> None:
    """Print whether a trail is what was written, the first break in words, and what was counted.

    Args:
        seen: what the inspection came to.
        anchor: what it was held against.
        language: the language.
        zone: in which times are told.
        everything: whether every break is listed.
        parts: whether personal parts were looked at.
    """
    from callpolicy.cli.terminal import MARKS, heading, show, show_table

    state = said("sound" if seen.sound else "broken", language)
    show(heading(f"{MARKS[seen.sound]} {state}"))
    if not seen.sound:
        first = chain_words(seen.breaks[0], language) if seen.breaks else part_words(seen.part_breaks[0], language)
        show(said("first", language, break_=first))
    show("")
    show_table(_counts(seen, language, parts=parts))
    count = len(seen.breaks) + len(seen.part_breaks)
    if count and everything:
        show("")
        show_table(_breaks(seen, language))
    elif count > 1:
        show("", said("more_breaks", language, count=count))
    if anchor is None:
        show("", said("not_against", language))
    else:
        show("", said("against", language, at=local(anchor.at, zone), digest=anchor.digest))


def chain_words(found: Break, language: Language) -> str:
    """One break of a chain in words: where it is, and what was done."""
    return f"{_place(found, language)}{_colon(language)}{_done(found, language)}"


def part_words(found: PartBreak, language: Language) -> str:
    """A personal part that was changed, in words."""
    return f"{found.writer}#{found.number}{_colon(language)}{_with(str(found.kind), str(found.kind), language)}"


def _colon(language: Language) -> str:
    return "：" if language is Language.ZH else ": "


def _with(key: str, kind: str, language: Language, **values: object) -> str:
    """What was done, in words, with its name, by which other programs know it."""
    told = said(key, language, **values)
    return f"{told}（{kind}）" if language is Language.ZH else f"{told} ({kind})"


def _place(found: Break, language: Language) -> str:
    place = said("at_record", language, position=found.position + 1)
    between = "，" if language is Language.ZH else ", "
    return place if found.writer is None else f"{place}{between}{found.writer}#{found.number}"


def _done(found: Break, language: Language) -> str:
    from callpolicy.audit import BreakKind
    from callpolicy.cli.usage_texts import in_words
    from callpolicy.stores.sql.inspecting import BESIDE

    kind = str(found.kind)
    if found.kind is BreakKind.BAD_FORM or found.writer is None:
        return _with("bad-form", kind, language, message=in_words(found.message, language))
    if found.kind is BreakKind.EDITED and found.message == BESIDE:
        return _with("edited.beside", kind, language)
    if found.kind is BreakKind.EDITED and "made anew" in found.message:
        return _with("edited.anew", kind, language)
    return _with(kind, kind, language)


def _counts(seen: Inspection, language: Language, *, parts: bool) -> Table:
    counts = {"records": seen.records, "writers": seen.writers, "breaks": len(seen.breaks)}
    if parts:
        counts |= {
            "parts": seen.parts,
            "erased": seen.erased,
            "never": seen.never,
            "part_breaks": len(seen.part_breaks),
        }
    columns = ((said("what", language), ""), (said("count", language), "n"))
    return table("", columns, ((said(f"count.{name}", language), str(number)) for name, number in counts.items()))


def _breaks(seen: Inspection, language: Language) -> Table:
    columns = ((said("place", language), "n"), (said("record", language), "w"), (said("break", language), ""))
    rows = [
        (
            str(each.position + 1),
            "–" if each.writer is None else f"{each.writer}#{each.number}",
            _done(each, language),
        )
        for each in seen.breaks
    ]
    rows += [
        ("–", f"{each.writer}#{each.number}", _with(str(each.kind), str(each.kind), language))
        for each in seen.part_breaks
    ]
    return table("", columns, rows)
