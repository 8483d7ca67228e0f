"""`callpolicy audit remake`: recorded decisions are made again from what was kept, and the bytes compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from callpolicy.cli.audit_texts import said
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, StoreOption, language_of_environment
from callpolicy.cli.trail import name_of, opened_whole, progress, table
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.runtime.revisiting import Revisiting
    from callpolicy.stores.base import Kept
    from callpolicy.stores.sql import SqlStore

_CHANGED: Final = "changed"
_GREEN: Final = frozenset({"same", "erased"})
_SHOWN: Final = 20
_AT_ONCE: Final = 100


class Came(NamedTuple):
    """What one decision came to.

    Args:
        record: its record.
        decision: its id.
        result: in a word.
        where: the first difference.
    """

    record: str
    decision: str
    result: str
    where: str | None


def remake(  # noqa: PLR0913, PLR0917 - the options of a command
    ref: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Id of a decision or a call, or `writer#number`.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every decision on record.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="RFC3339", help="With `--all`: from when on.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="RFC3339", help="With `--all`: before when.", show_default=False)
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, max=1_000_000, metavar="N", show_default=False, help="With `--all`: so many."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Takes the same sample again.", show_default=False)
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Make a recorded decision again with the norm that decided, and compare the bytes.

    Exit code 1 if anything differs, if a record was changed, or if a norm that decided is not kept. A decision whose
    personal values were erased cannot be made again, which is as it should be.
    """
    if (ref is None) is not everything:
        raise UsageError("name a decision or say `--all`" + (", not both" if everything else ""))
    if ref is not None and any(each is not None for each in (since, until, sample, seed)):
        raise UsageError("`--since`, `--until`, `--sample` and `--seed` go with `--all`")
    shown = language or language_of_environment()
    with opened_whole(store) as there:
        if ref is not None:
            green = _one(there, ref, shown, as_json=as_json)
        else:
            green = _many(there, _window(since, until), sample, seed, shown, as_json=as_json)
    if not green:
        raise typer.Exit(FINDINGS)


def _window(since: str | None, until: str | None) -> tuple[int | None, int | None]:
    from callpolicy.cli.inputs import read_at

    begin, end = (None if each is None else read_at(each) for each in (since, until))
    if begin is not None and end is not None and begin >= end:
        raise UsageError("`--since` must be before `--until`")
    return begin, end


def _came(revisiting: Revisiting, kept: Kept | str) -> Came:
    from callpolicy.errors import AuditError

    if isinstance(kept, str):
        return Came(kept, "–", _CHANGED, None)
    try:
        made = revisiting.remade(kept)
    except AuditError:
        return Came(name_of(kept), kept.ref, _CHANGED, None)
    return Came(name_of(kept), kept.ref, str(made.result), made.difference)


def _one(store: SqlStore, ref: str, language: Language, *, as_json: bool) -> bool:
    from callpolicy.audit.drafts import DECISION
    from callpolicy.cli.terminal import MARKS, show, show_json, show_table
    from callpolicy.cli.trail import found
    from callpolicy.rulefile.sources import quoted
    from callpolicy.runtime.revisiting import Revisiting

    decisions = [kept for kept in found(store, ref) if kept.record.kind == DECISION]
    if not decisions:
        raise UsageError(f"what is recorded of {quoted(ref)} is no decision; only decisions can be made again")
    revisiting = Revisiting(store)
    came = [_came(revisiting, kept) for kept in decisions]
    if as_json:
        show_json([each._asdict() for each in came])
    elif len(came) > 1:
        show_table(table("", _columns(language), (_row(each, language) for each in came)))
    else:
        mark = MARKS[came[0].result in _GREEN and (came[0].result == "same" or None)]
        show(f"{mark} {came[0].decision}: {said(f'is_{came[0].result}', language, where=came[0].where)}")
    return all(each.result in _GREEN for each in came)


def _columns(language: Language) -> tuple[tuple[str, str], ...]:
    return (
        (said("record", language), "w"),
        (said("kind.decision", language), "w"),
        (said("result", language), ""),
        (said("where", language), ""),
    )


def _row(each: Came, language: Language) -> tuple[str, ...]:
    return (each.record, each.decision, _result_word(each.result, language), each.where or "")


def _result_word(result: str, language: Language) -> str:
    from callpolicy.cli.terminal import MARKS

    key = "remake.erased" if result == "erased" else result
    mark = MARKS[True if result == "same" else None if result == "erased" else False]
    return f"{mark} {said(key, language)}"


def _many(
    store: SqlStore, window: tuple[int | None, int | None], sample: int | None, seed: int | None,
    language: Language, *, as_json: bool,
) -> bool:  # fmt: skip
    from callpolicy.cli.terminal import show, show_json, show_table
    from callpolicy.runtime.revisiting import Revisiting
    from callpolicy.stores.sql.measuring import count_records

    counts: Counter[str] = Counter()
    odd: list[Came] = []
    revisiting = Revisiting(store)
    total = count_records(store) if sample is None else sample
    with progress(total, said("remaking", language), wanted=not as_json) as on_progress:
        for kept in _chosen(store, window, sample, seed, None if sample is not None else on_progress):
            came = _came(revisiting, kept)
            counts[came.result] += 1
            if came.result not in _GREEN and len(odd) < _SHOWN:
                odd.append(came)
            if sample is not None and on_progress is not None:
                on_progress(counts.total())
    if not counts:
        raise UsageError("there is no decision on record in that time; nothing was made again")
    if as_json:
        show_json({"decisions": counts.total(), "results": dict(counts), "first": [each._asdict() for each in odd]})
    else:
        rows = ((_result_word(name, language), str(number)) for name, number in sorted(counts.items()))
        columns = ((said("result", language), ""), (said("count", language), "n"))
        show_table(table(said("remade", language), columns, rows))
        if odd:
            show("")
            show_table(table("", _columns(language), (_row(each, language) for each in odd)))
    return not any(counts[each] for each in counts if each not in _GREEN)


def _chosen(
    store: SqlStore, window: tuple[int | None, int | None], sample: int | None, seed: int | None,
    on_progress: Callable[[int], None] | None,
) -> Iterator[Kept | str]:  # fmt: skip
    """The decisions of a time, or so many of them at random."""
    from random import Random, SystemRandom

    if sample is None:
        yield from _decisions(store, window, on_progress)
        return
    random = SystemRandom() if seed is None else Random(seed)
    taken: list[Kept | str] = []
    for place, kept in enumerate(_decisions(store, window, None)):
        # Source: Vitter 1985, algorithm R: every decision has the same chance, and only the sample is held.
        if place < sample:
            taken.append(kept)
        elif (turn := random.randrange(place + 1)) < sample:
            taken[turn] = kept
    yield from taken


def _decisions(
    store: SqlStore, window: tuple[int | None, int | None], on_progress: Callable[[int], None] | None
) -> Iterator[Kept | str]:
    """Every decision of a time; of a row that is no record any more, its name."""
    from callpolicy.audit import Unreadable
    from callpolicy.audit.drafts import DECISION
    from callpolicy.stores.base import Kept
    from callpolicy.stores.sql.inspecting import rows

    since, until = window
    for count, row in enumerate(rows(store), 1):
        if on_progress is not None and count % _AT_ONCE == 0:
            on_progress(count)
        record = row.read()
        if isinstance(record, Unreadable):
            yield f"{row.writer}#{row.number}"
        elif record.kind == DECISION and (since is None or record.at >= since) and (until is None or record.at < until):
            yield Kept(record, row.part, row.ref)
