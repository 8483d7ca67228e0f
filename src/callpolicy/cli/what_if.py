"""`callpolicy what-if`: a decision made again with other facts, and what leads to another effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.asked_about import (
    Asked,
    AskedAbout,
    CallOption,
    EventsOption,
    RecordOption,
    ScenarioOption,
    SeqOption,
    StepOption,
)
from callpolicy.cli.options import (
    AtOption,
    FactOption,
    FactsOption,
    JsonOption,
    Language,
    LanguageOption,
    PointOption,
    RulesOption,
    StoreOption,
    language_of_environment,
)
from callpolicy.cli.what_if_texts import said
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.engine import Plan
    from callpolicy.facts import Snapshot, Value
    from callpolicy.policy import Bundle
    from callpolicy.whatif import Again, ChangeSet

_UNKNOWN = "unknown"


def what_if(  # noqa: PLR0913, PLR0917 - the options of a command
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FACT=VALUE]...", help="Facts as they would be; `FACT=unknown` for not known."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="EFFECT", help="Say instead which changes lead to this effect.")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=3, help="With `--to`: changes of up to so many facts.")] = 3,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="FACT", show_default=False, help="With `--to`: leave this fact. May be repeated."
        ),
    ] = None,
    point: PointOption = None,
    fact: FactOption = None,
    facts: FactsOption = None,
    at: AtOption = None,
    scenario: ScenarioOption = None,
    step: StepOption = None,
    events: EventsOption = None,
    call: CallOption = None,
    seq: SeqOption = None,
    record: RecordOption = None,
    store: StoreOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Make a decision again with some facts changed, and show both; or say what leads to another effect."""
    from callpolicy.engine import compile_plan
    from callpolicy.matchers.indexed import compile_indexed

    asked = Asked(point, fact, facts, at, scenario, step, events, call, seq, record, store, rules)
    if asked.ways != 1:
        raise UsageError(
            "say what to start from: `--point` with facts, or `--scenario`, or `--events` with `--call`, or `--record`"
        )
    if bool(changes) is (to is not None):
        raise UsageError("give either facts to change, such as `talk.warnings=1`, or `--to EFFECT`")
    if record is not None and rules is not None:
        raise UsageError("a recorded decision is made again by the norm that made it; leave `--rules` out")
    about = AskedAbout(asked)
    decision = about.decision()
    plan = compile_plan(about.engine.bundle, compile_indexed)
    shown = language or language_of_environment()
    if to is None:
        _show_again(plan, decision, changes or [], as_json, shown)
    else:
        _show_to(plan, decision, to, most, keep or [], as_json, shown)


def _snapshot(decision: Decision) -> Snapshot:
    assert decision.snapshot is not None
    return decision.snapshot


def _read(bundle: Bundle, pairs: list[str]) -> dict[str, Any]:
    """The changes of a command line."""
    from callpolicy.cli.inputs import read_facts

    told = [pair for pair in pairs if pair.partition("=")[2].strip() != _UNKNOWN]
    lost = [pair for pair in pairs if pair not in told]
    changes: dict[str, Any] = read_facts(bundle.catalogue, told, None)
    for pair in lost:
        changes[known_fact(bundle, pair.partition("=")[0].strip())] = None
    return changes


def known_fact(bundle: Bundle, name: str) -> str:
    """The name of a fact.

    Raises:
        UsageError: there is no such fact.
    """
    from callpolicy.cli.inputs import nearest
    from callpolicy.rulefile.sources import quoted

    if name not in bundle.catalogue:
        raise UsageError(f"there is no fact {quoted(name)}{nearest(name, (each.name for each in bundle.catalogue))}")
    return name


# ---- a decision made again


def _show_again(plan: Plan, decision: Decision, pairs: list[str], as_json: bool, language: Language) -> None:
    from callpolicy.cli.terminal import show_json
    from callpolicy.whatif import again

    changes = _read(plan.bundle, pairs)
    made = again(plan, _snapshot(decision), changes, point=decision.point)
    if as_json:
        show_json(_again_tree(plan.bundle, made, changes))
    else:
        _print_again(plan.bundle, made, changes, language)


def _print_again(bundle: Bundle, made: Again, changes: dict[str, Any], language: Language) -> None:
    from callpolicy.cli.change_words import change_words, rows_of
    from callpolicy.cli.terminal import heading, show, show_table
    from callpolicy.cli.texts import word
    from callpolicy.cli.times import when
    from callpolicy.reports import Column, Table
    from callpolicy.reports.relation_words import relation_words

    head = said("what_if", language, point=word(str(made.before.point), language))
    show(heading(f"{head}  {when(made.before.at, bundle)}"))
    old, new = _snapshot(made.before), _snapshot(made.after)
    show(*(change_words(bundle, name, old.get(name), new.get(name), language) for name in changes), "")
    before, after = rows_of(bundle, made.before, language), rows_of(bundle, made.after, language)
    rows = [("≠" if before[name] != after[name] else "", name, before[name], after[name]) for name in before]
    columns = (
        Column(" "),
        Column(said("what", language), whole=True),
        Column(said("before", language)),
        Column(said("after", language)),
    )
    show_table(Table("", columns, tuple(row for row in rows if row[2] or row[3])))
    show("", said("differs" if before != after else "same", language))
    if made.broken:
        apart = "；" if language is Language.ZH else "; "
        names = apart.join(relation_words(each, language) for each in made.broken)
        show(said("broken", language, names=names))


def _again_tree(bundle: Bundle, made: Again, changes: dict[str, Any]) -> dict[str, Any]:
    from callpolicy.cli.change_words import change_tree

    old, new = _snapshot(made.before), _snapshot(made.after)
    pairs = zip(made.before.stages, made.after.stages, strict=True)
    return {
        "changes": [change_tree(bundle, name, old.get(name), new.get(name)) for name in changes],
        "before": _decision_tree(bundle, made.before),
        "after": _decision_tree(bundle, made.after),
        "differs": [str(before.stage) for before, after in pairs if before != after],
        "broken": list(made.broken),
    }


def _decision_tree(bundle: Bundle, decision: Decision) -> dict[str, Any]:
    from callpolicy.cli.change_words import said_at

    texts = {
        str(result.stage): {each: said_at(bundle, decision, result, each) for each in bundle.settings.languages}
        for result in decision.stages
        if result.outcome.script
    }
    return {**decision.to_dict(), "texts": texts}


# ---- what leads to an effect


def _show_to(
    plan: Plan, decision: Decision, to: str, most: int, keep: list[str], as_json: bool, language: Language
) -> None:
    from callpolicy.cli.change_words import answer_lines
    from callpolicy.cli.inputs import nearest
    from callpolicy.cli.terminal import heading, show, show_json
    from callpolicy.cli.texts import word
    from callpolicy.points import Effect
    from callpolicy.rulefile.sources import quoted
    from callpolicy.whatif import LeadsTo, change_sets

    if to not in tuple(Effect):
        raise UsageError(f"there is no effect {quoted(to)}{nearest(to, Effect)}")
    kept = [known_fact(plan.bundle, name) for name in keep]
    effect, bundle = Effect(to), plan.bundle
    sets = change_sets(plan, _snapshot(decision), decision.point, LeadsTo(effect), most, kept)
    if as_json:
        found = [_set_tree(plan, decision, each, effect) for each in sets]
        show_json({"to": to, "point": str(decision.point), "most": most, "sets": found})
        return
    show(heading(said("to", language, effect=word(to, language))), said("leads", language))
    show(*(f"  {line}" for line in answer_lines(bundle, sets, most, language)))


def _set_tree(plan: Plan, decision: Decision, found: ChangeSet, effect: Any) -> dict[str, Any]:
    from callpolicy.cli.change_words import set_tree
    from callpolicy.points import STAGE_OF
    from callpolicy.whatif import again

    values: dict[str, Value | None] = dict(found.values)
    result = again(plan, _snapshot(decision), values, point=decision.point).after.stage(STAGE_OF[effect])
    return {"changes": set_tree(plan.bundle, found), "determining": list(result.determining) if result else []}
