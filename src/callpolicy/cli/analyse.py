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
    from callpolicy.facts import Catalogue, Value
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
    "unsettled": ("not settled: {question} [{code}]", "未能得出结论：{question} [{code}]"),
    "solver": (
        "that was too much work without the solver. What to do: pip install 'callpolicy[prove]' and run this again; "
        "until then, take it as open, and let an example or a scenario say what is to come out",
        "不用求解器，以上问题的工作量超出上限。可以这样做：运行 pip install 'callpolicy[prove]' 后重试；"
        "在此之前请视为未知，用示例或场景写明应有的结果",
    ),
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
    from callpolicy.analysis.telling import asked
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
                    {
                        "code": each.code,
                        "rules": list(each.rules),
                        "subject": each.subject or None,
                        "question": asked(each.code, each.rules, each.subject),
                    }
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
            show(_about(left, bundle, shown))
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
    """The facts of a call as people write them: nothing personal, and no text that looks like a telephone number."""
    from callpolicy.audit import MASKED, may_show

    return {
        name: _value_text(name, value, catalogue) if may_show(name, catalogue) else MASKED
        for name, value in sorted(witness.values.items())
    }


def _value_text(name: str, value: Value, catalogue: Catalogue) -> str:
    from callpolicy.facts import FactType
    from callpolicy.instants import duration_text, moment
    from callpolicy.rulefile.sources import masked

    match value:
        case bool():
            return str(value).lower()
        case frozenset():
            return ",".join(masked(each) for each in sorted(value))
        case str():
            return masked(value)
        case _:
            kind = catalogue[name].type
            if kind is FactType.DURATION:
                return duration_text(int(value))
            # WHY never masked: a number that counts is nobody's telephone number, however long it is.
            return moment(int(value)).isoformat() if kind is FactType.TIMESTAMP else str(value)


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


def _about(left: Unsettled, bundle: Bundle, language: Language) -> str:
    """A question that was not settled, in a line, after the place of the first rule that it is about."""
    from callpolicy.analysis.telling import asked

    span = bundle.rule(left.rules[0]).span if left.rules else None
    question = asked(left.code, left.rules, left.subject)[str(language)]
    return f"{f'{span}: ' if span else ''}{said('unsettled', language, question=question, code=left.code)}"


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
