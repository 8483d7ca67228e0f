"""`callpolicy analyse`: what is wrong with a norm for some possible call, with a call that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.errors import Severity

if TYPE_CHECKING:
    from callpolicy.analysis.asking import Unsettled
    from callpolicy.analysis.findings import Found
    from callpolicy.analysis.story import Staged
    from callpolicy.analysis.witness import Witness
    from callpolicy.facts import Catalogue
    from callpolicy.policy import Bundle

TEXTS: Mapping[str, tuple[str, str]] = {
    "facts": ("a call that shows it", "能说明问题的来电"),
    "other": ("the same call, decided otherwise", "仅此一项不同、结果却不同的来电"),
    "events": ("as it happens", "按事件发生"),
    "snapshot_only": (
        "snapshot only: no sequence of events was found that leads there",
        "仅为快照：未找到能走到这一步的事件序列",
    ),
    "nothing": ("no fact need be known", "不需要任何已知事实"),
    "fine": ("no finding; every possible call was looked at", "没有发现问题；已覆盖所有可能的来电"),
    "found": ("findings: {count}", "发现问题：{count} 个"),
    "partly": ("no finding so far, but not everything was looked at", "目前没有发现问题，但并非全部都已检查"),
    "unsettled": ("not settled: `{code}` for {about}", "未能得出结论：`{code}`，涉及 {about}"),
    "solver": (
        "that was too much work for the base; it needs the solver: pip install 'callpolicy[prove]'",
        "以上问题超出了工作量上限，需要求解器：pip install 'callpolicy[prove]'",
    ),
    "norm": ("the norm", "整个规范"),
    "unsupported": ("not looked at: {what} (`{fact}`)", "未能检查：{what}（`{fact}`）"),
}  # fmt: skip


def analyse(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Look at every possible call for rules that cannot work as meant; exit code 1 if anything is found."""
    from callpolicy.analysis.findings import analyse as look
    from callpolicy.cli.inputs import norm_folder, read_norm
    from callpolicy.cli.terminal import show, show_json

    bundle = read_norm(norm_folder(folder))
    came = look(bundle)
    calls = {number: events_of(bundle, found) for number, found in enumerate(came.findings)}
    shown = language or language_of_environment()
    if as_json:
        show_json(
            {
                "ok": came.clean,
                "method": str(came.method),
                "findings": [found_dict(each, bundle, calls[number]) for number, each in enumerate(came.findings)],
                "unsupported": [{"what": each.what, "fact": each.fact} for each in came.unsupported],
                "unsettled": [
                    {"code": each.code, "rules": list(each.rules), "subject": each.subject or None}
                    for each in came.unsettled
                ],
                "revision": bundle.revision,
            }
        )
    else:
        for number, found in enumerate(came.findings):
            _show(found, bundle, calls[number], shown)
        for each in came.unsupported:
            show(said("unsupported", shown, what=each.what, fact=each.fact))
        for left in came.unsettled:
            show(_about(left, shown))
        if came.unsettled:
            show(said("solver", shown))
        show(said("found" if came.findings else "fine" if came.clean else "partly", shown, count=len(came.findings)))
    if not came.clean:
        raise typer.Exit(FINDINGS)


def said(key: str, language: Language, **values: object) -> str:
    """One text of these commands in a language."""
    return TEXTS[key][language is Language.ZH].format(**values)


def events_of(bundle: Bundle, found: Found) -> Staged | None:
    """The call of a finding, event by event, if one can be made up that the engine decides alike."""
    from callpolicy.analysis.story import staged

    witness, stage = found.witness, found.stage
    if witness is None or stage is None or not witness.stages:
        return None
    result = witness.stage(stage)
    return staged(
        bundle,
        witness,
        lambda decision: any(
            each.stage is stage and each.outcome == result.outcome and each.determining == result.determining
            for each in decision.stages
        ),
    )


def found_dict(found: Found, bundle: Bundle, call: Staged | None) -> dict[str, Any]:
    """A finding as JSON."""
    span = found.span
    return {
        "code": found.code,
        "severity": str(found.severity),
        "rules": list(found.rules),
        "stage": str(found.stage) if found.stage else None,
        "subject": found.subject or None,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "message": dict(found.sentence),
        "witness": witness_dict(found.witness, bundle.catalogue),
        "other": witness_dict(found.other, bundle.catalogue),
        "events": [each.name for each in call.events] if call else None,
        "snapshot_only": found.witness is not None and call is None,
    }


def witness_dict(witness: Witness | None, catalogue: Catalogue) -> dict[str, Any] | None:
    """A call as JSON: its facts as people write them, and what is decided on it."""
    if witness is None:
        return None
    return {
        "point": str(witness.point) if witness.point else None,
        "facts": dict(facts_of(witness, catalogue)),
        "effects": {str(each.stage): str(each.outcome.effect) for each in witness.stages},
        "confirmed": witness.confirmed,
    }


def facts_of(witness: Witness, catalogue: Catalogue) -> dict[str, str]:
    """The facts of a call as people write them, without any telephone number."""
    from callpolicy.facts import FactType
    from callpolicy.instants import duration_text, moment
    from callpolicy.rulefile.sources import masked

    found: dict[str, str] = {}
    for name, value in sorted(witness.values.items()):
        fact = catalogue.get(name)
        if fact is not None and fact.type is FactType.DURATION and isinstance(value, int):
            found[name] = duration_text(value)
        elif fact is not None and fact.type is FactType.TIMESTAMP and isinstance(value, int):
            found[name] = moment(value).isoformat()
        elif isinstance(value, frozenset):
            found[name] = ",".join(sorted(value))
        else:
            found[name] = masked(str(value).lower() if isinstance(value, bool) else str(value))
    return found


def show_call(witness: Witness, bundle: Bundle, call: Staged | None, language: Language, key: str = "facts") -> None:
    """Print a call: its facts, what is decided, and the events that lead there."""
    from callpolicy.cli.terminal import show
    from callpolicy.cli.texts import word

    facts = [f"{name}={value}" for name, value in facts_of(witness, bundle.catalogue).items()]
    effects = ", ".join(word(str(each.outcome.effect), language) for each in witness.stages)
    show(f"    {said(key, language)}: {', '.join(facts) or said('nothing', language)} → {effects}")
    if key == "facts":
        line = " → ".join(each.name for each in call.events) if call else said("snapshot_only", language)
        show(f"    {said('events', language)}: {line}" if call else f"    {line}")


def _about(left: Unsettled, language: Language) -> str:
    """A question that was not settled, in a line."""
    names = ", ".join(f"`{each}`" for each in (*left.rules, left.subject) if each)
    return said("unsettled", language, code=left.code, about=names or said("norm", language))


def _show(found: Found, bundle: Bundle, call: Staged | None, language: Language) -> None:
    from rich.text import Text

    from callpolicy.cli.terminal import show

    place = f"{found.span}: " if found.span else ""
    line = Text(f"{place}{found.severity}: {found.sentence[str(language)]} [{found.code}]")
    line.highlight_words([f"{found.severity}:"], "bold red" if found.severity is Severity.ERROR else "yellow")
    show(line)
    if found.witness is not None:
        show_call(found.witness, bundle, call, language)
    if found.other is not None:
        show_call(found.other, bundle, None, language, "other")
