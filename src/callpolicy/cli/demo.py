"""`callpolicy demo`: the whole way in under a minute, on made calls."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.demo_state import OnRecord, on_record, record_table
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, RulesOption, language_of_environment
from callpolicy.cli.simulate import DAY, simulated
from callpolicy.cli.texts import text

if TYPE_CHECKING:
    from callpolicy.cli.replay import Run
    from callpolicy.decision import Decision
    from callpolicy.policy import Bundle
    from callpolicy.reports.truth import Comparison
    from callpolicy.runtime import Engine
    from callpolicy.simulator import Day

_MOST_ROWS = 12
_NEXT = {
    Language.EN: (
        "callpolicy init my-norm                 a norm of your own to change",
        "callpolicy check my-norm                is it sound, do its examples hold",
        "callpolicy scenario --list              whole calls, step by step",
        "callpolicy mappings show generic_csv    how a table of your calls is read",
        "callpolicy replay calls.csv --mapping generic_csv --rules my-norm",
    ),
    Language.ZH: (
        "callpolicy init my-norm                 得到一份可以修改的规范",
        "callpolicy check my-norm                检查规范及其示例",
        "callpolicy scenario --list              列出完整通话的场景",
        "callpolicy mappings show generic_csv    查看如何读取通话记录表",
        "callpolicy replay calls.csv --mapping generic_csv --rules my-norm",
    ),
}


def demo(
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same calls.")] = 1,
    normal: Annotated[int, typer.Option("--normal", min=0, max=100_000, help="Normal callers in the day.")] = 1500,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Check the norm, simulate a day of calls, replay it, compare with the truth, explain a decision, show records."""
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.terminal import show_json

    shown = language or language_of_environment()
    bundle = read_norm(rules)
    errors = _check(bundle, None if as_json else shown)
    day = simulated(seed, DAY, normal=normal)
    _head(
        None if as_json else shown,
        "demo_simulate",
        text("simulated", shown, calls=len(day.truth), events=len(day.events)),
    )
    engine, run, comparison, striking = _replay(bundle, day)
    if not as_json:
        _show(bundle, engine, run, comparison, striking, shown)
    found = on_record(bundle, day.events)
    if as_json:
        tree = {"errors": errors, "seconds": round(run.seconds, 3), "summary": run.summary.to_dict()}
        told = {"found": comparison_dict(comparison), "explained": _explained(engine, striking)}
        show_json({**tree, **told, "on_record": found.to_dict()})
    else:
        _show_record(found, shown)
    if errors or comparison.restricted_normal or comparison.wrongly_final or not found.sound:
        raise typer.Exit(FINDINGS)


def _show_record(found: OnRecord, language: Language) -> None:
    from callpolicy.cli.terminal import heading, show, show_table

    _head(language, "demo_record")
    show_table(record_table(found, language))
    show("", heading(text("demo_next", language)), *(f"  {line}" for line in _NEXT[language]))


def _head(language: Language | None, key: str, *lines: str) -> None:
    from callpolicy.cli.terminal import heading, show

    if language is not None:
        show("", heading(text(key, language)), *lines)
        sys.stdout.flush()


def _check(bundle: Bundle, language: Language | None) -> int:
    """How many errors the norm has; printed if there is a language."""
    from callpolicy.cli.check import check_bundle, show_findings, show_outcome
    from callpolicy.errors import Severity

    _head(language, "demo_check")
    findings, crossed = check_bundle(bundle, cross_check=True)
    if language is not None:
        show_findings([each for each in findings if each.severity is Severity.ERROR], None)
        show_outcome(findings, bundle, crossed, language)
    return sum(finding.severity is Severity.ERROR for finding in findings)


def _replay(bundle: Bundle, day: Day) -> tuple[Engine, Run, Comparison, Decision | None]:
    from callpolicy.cli.recorded import replayed
    from callpolicy.cli.replay import Run
    from callpolicy.replay import Replay
    from callpolicy.reports.truth import Comparison
    from callpolicy.runtime import Engine
    from callpolicy.wire import event_from_dict

    begin = perf_counter()
    events = [event_from_dict(event, bundle.catalogue) for event in day.events]
    engine = Engine(bundle, with_recheck=False)
    replay = Replay(engine)
    comparison = Comparison(day.truth)
    striking: Decision | None = None
    for event, decision in replayed(replay, events):
        comparison.receive(event.seq, decision)
        if striking is None or _weight(decision) > _weight(striking):
            striking = decision
    return engine, Run(replay.summary, perf_counter() - begin), comparison, striking


def _weight(decision: Decision) -> tuple[bool, bool, int]:
    """How much there is to explain: a hang-up on a nuisance first, then anything that a rule decided."""
    from callpolicy.points import Effect

    hang_up = decision.effect is Effect.HANG_UP and decision.caller_class is Effect.NUISANCE
    return hang_up, not decision.default, len(decision.determining)


def _show(
    bundle: Bundle, engine: Engine, run: Run, comparison: Comparison, striking: Decision | None, language: Language
) -> None:
    from callpolicy.cli.explain import show_explanation
    from callpolicy.cli.replay_tables import show_summary
    from callpolicy.cli.terminal import show, show_table

    _head(language, "demo_replay")
    show_summary(run, bundle, language, _MOST_ROWS)
    show("")
    show_table(_found_table(comparison, language))
    show(
        "",
        f"{text('wrong_final', language)}: {len(comparison.wrongly_final)}",
        f"{text('normal_restricted', language)}: {len(comparison.restricted_normal)}",
        f"{text('normal_closed', language)}: {comparison.closed_after_service}",
    )
    if striking is not None:
        _head(language, "demo_explain")
        show_explanation(bundle, engine.explain(striking), language)


def _found_table(comparison: Comparison, language: Language) -> Any:
    from callpolicy.reports import Column, Table
    from callpolicy.simulator import Planted

    columns = (
        Column(text("planted", language)),
        Column(text("found", language), number=True),
        Column(text("share", language), number=True),
        Column(text("calls", language), number=True),
        Column(text("share", language), number=True),
    )
    rows = []
    for planted in Planted:
        if planted is not Planted.NONE:
            share = comparison.found(planted)
            cells = [f(each) for each in (share.stories, share.calls) for f in (_of, _percent)]
            rows.append((text(str(planted), language), *cells))
    return Table(text("against_truth", language), columns, tuple(rows))


def _of(part: tuple[int, int]) -> str:
    return f"{part[0]}/{part[1]}"


def _percent(part: tuple[int, int]) -> str:
    return f"{100 * part[0] / part[1]:.1f} %" if part[1] else "–"


def comparison_dict(comparison: Comparison) -> dict[str, Any]:
    """A comparison with the truth as plain values for JSON."""
    from callpolicy.simulator import Planted

    shares = {planted: comparison.found(planted) for planted in Planted if planted is not Planted.NONE}
    return {
        **{
            str(planted): {
                "stories": {"found": share.stories[0], "planted": share.stories[1]},
                "calls": {"found": share.calls[0], "planted": share.calls[1]},
            }
            for planted, share in shares.items()
        },
        "wrongly_after_final": len(comparison.wrongly_final),
        "normal_restricted": len(comparison.restricted_normal),
        "closed_after_service": comparison.closed_after_service,
    }


def _explained(engine: Engine, decision: Decision | None) -> dict[str, Any] | None:
    return None if decision is None else engine.explain(decision).to_dict()
