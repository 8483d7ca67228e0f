"""`callpolicy explain`: why a decision is what it is, and why a rule did not match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

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
from callpolicy.cli.decide import outcome_words, rule_title
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
from callpolicy.cli.texts import role, text, title, word
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from callpolicy.decision import Decision
    from callpolicy.engine import Explanation, RuleExplanation
    from callpolicy.engine.explaining import Clause, StageExplanation
    from callpolicy.facts import Value
    from callpolicy.policy import Bundle
    from callpolicy.runtime import Engine
    from callpolicy.whatif import ChangeSet

_ROLE_STYLES = {"determining": "bold green", "holding": "yellow", "acted": "yellow"}


def explain(  # noqa: PLR0913, PLR0917 - the options of a command
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
    why_not: Annotated[
        str | None,
        typer.Option(
            "--why-not", metavar="RULE", help="Say what keeps a rule from matching, and what would change it."
        ),
    ] = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Explain a decision: on given facts, at a step of a scenario, on recorded events, or on record."""
    from callpolicy.cli.inputs import nearest
    from callpolicy.cli.terminal import show_json
    from callpolicy.rulefile.sources import quoted

    asked = Asked(point, fact, facts, at, scenario, step, events, call, seq, record, store, rules)
    if asked.ways != 1:
        raise UsageError(
            "say what to explain: `--point` with facts, or `--scenario`, or `--events` with `--call`, or `--record`"
        )
    if record is not None and rules is not None:
        raise UsageError("a recorded decision is explained by the norm that made it; leave `--rules` out")
    about = AskedAbout(asked)
    engine, bundle = about.engine, about.engine.bundle
    if why_not is not None and all(rule.id != why_not for rule in bundle.rules):
        raise UsageError(f"there is no rule {quoted(why_not)}{nearest(why_not, (rule.id for rule in bundle.rules))}")
    decision = about.decision()
    shown = language or language_of_environment()
    if why_not is not None:
        _show_why_not(engine, decision, why_not, as_json, shown)
    elif as_json:
        show_json(engine.explain(decision).to_dict())
    else:
        show_explanation(bundle, engine.explain(decision), shown)


def show_explanation(bundle: Bundle, explanation: Explanation, language: Language) -> None:
    """Print why a decision is what it is: per stage the outcome, and every rule that took part as a tree."""
    from callpolicy.cli.terminal import heading, show
    from callpolicy.cli.times import told, when
    from callpolicy.engine.deciding import carry, given

    decision = explanation.decision
    head = text("explanation", language, point=word(str(decision.point), language))
    show(heading(f"{head}  {when(decision.at, bundle)}"))
    values = given(decision.snapshot) if decision.snapshot else {}
    for stage in explanation.stages:
        show("", _stage_tree(_Words(bundle, language, told(values, bundle)), stage))
        carry(values, stage.result)
    if decision.input_faults:
        faults = ", ".join(f"{fault.fact} ({fault.code})" for fault in decision.input_faults)
        show("", f"{text('faults', language)}: {faults}")
    show("", text("legend", language))


@dataclass(frozen=True, slots=True)
class _Words:
    """What is needed to say a stage in a language.

    Args:
        bundle: the norm.
        language: the language.
        values: the facts that the stage saw, to be filled into reasons.
    """

    bundle: Bundle
    language: Language
    values: Mapping[str, Value]

    def reason(self, rule: RuleExplanation) -> str:
        """The reason of a rule with the facts filled in; of what is no rule of the norm, as the engine says it."""
        from callpolicy.engine.explaining import fill

        for own in self.bundle.rules:
            if own.id == rule.id:
                return fill(title(own.because, self.language), self.values, self.bundle.catalogue, self.language)
        return title(rule.because, self.language)


def _stage_tree(words: _Words, stage: StageExplanation) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    language, result = words.language, stage.result
    came = f"{word(str(result.stage), language)} → {outcome_words(result.outcome, language)}"
    tree = Tree(Text(came, style="bold"), guide_style="dim")
    if stage.protected:
        tree.add(text("protected", language))
    if result.hidden:
        tree.add(f"{text('hidden', language)}: {outcome_words(result.hidden, language)}")
    for rule in stage.rules:
        _add_rule(tree, words, rule)
    for invariant in stage.invariants:
        if invariant.role == "acted":
            _add_rule(tree, words, invariant)
    if not stage.rules:
        tree.add(Text(text("nothing_matched", language), style="dim"))
    return tree


def _add_rule(tree: Tree, words: _Words, rule: RuleExplanation) -> None:
    from rich.text import Text

    from callpolicy.cli.terminal import MARKS

    head = f"{MARKS[rule.truth]} {_head(rule, words.language)}"
    branch = tree.add(Text(head, style=_ROLE_STYLES.get(rule.role, "")))
    heading = rule_title(words.bundle, rule.id, words.language)
    if heading:
        branch.add(Text(heading, style="italic"))
    # WHY only then: of a rule that may match, nobody knows whether what its reason says has happened.
    reason = words.reason(rule) if rule.truth is True else ""
    if reason:
        branch.add(Text(f"{text('because', words.language)}: {reason}"))
    _add_clause(branch, words, rule.clause)


def _head(rule: RuleExplanation, language: Language) -> str:
    return f"{rule.id} [{role(rule.role, language)}, {rule.priority}] → {outcome_words(rule.outcome, language)}"


def _add_clause(tree: Tree, words: _Words, clause: Clause) -> None:
    branch = tree.add(_clause_line(words, clause))
    for item in clause.items:
        _add_clause(branch, words, item)


def _clause_line(words: _Words, clause: Clause) -> Text:
    from rich.text import Text

    from callpolicy.cli.terminal import MARK_STYLES, MARKS

    line = Text(f"{MARKS[clause.truth]} ", style=MARK_STYLES[clause.truth])
    if clause.items:
        line.append(clause.text, style="")
        return line
    name, _, rest = clause.text.partition(" ")
    line.append(f"{_named(words, name)} {rest}", style="")
    other = f"; {_valued(words, rest.rpartition(' ')[2], clause.operand)}" if clause.operand else ""
    line.append(f"   = {_valued(words, name, clause.value)}{other}", style="cyan")
    return line


def _named(words: _Words, name: str) -> str:
    """A fact by its name, for a Chinese reader with its title."""
    fact = words.bundle.catalogue.get(name)
    return f"{name}（{title(fact.title, words.language)}）" if fact and words.language is Language.ZH else name


def _valued(words: _Words, name: str, value: str) -> str:
    from callpolicy.cli.times import retold
    from callpolicy.engine.explaining import UNKNOWN_WORD

    return text("unknown", words.language) if value == UNKNOWN_WORD["en"] else retold(name, value, words.bundle)


def _show_why_not(engine: Engine, decision: Decision, rule_id: str, as_json: bool, language: Language) -> None:
    """Print the leaves that keep a rule from matching, its whole condition as it was seen, and what would change it."""
    from rich.text import Text
    from rich.tree import Tree

    from callpolicy.cli.change_words import answer_lines
    from callpolicy.cli.terminal import heading, show, show_json
    from callpolicy.cli.what_if_texts import said
    from callpolicy.engine import failing
    from callpolicy.engine.explaining import rule_dict
    from callpolicy.whatif import MOST

    rule = engine.why_not(decision, rule_id)
    leaves = failing(rule.clause)
    sets = _sets(engine.bundle, decision, rule_id)
    if as_json:
        changes = {key: None if found is None else _trees(engine.bundle, found) for key, found in sets.items()}
        show_json({**rule_dict(rule), "failing": [leaf.to_dict() for leaf in leaves], **changes})
        return
    show(heading(text("why_not", language, rule=rule_id)), rule_title(engine.bundle, rule_id, language), "")
    words = _Words(engine.bundle, language, {})
    tree = Tree(Text(text("failing" if leaves else "it_matched", language)), guide_style="dim")
    for leaf in leaves:
        tree.add(_clause_line(words, leaf))
    show(tree, "")
    whole = Tree(Text(_head(rule, language)))
    _add_clause(whole, words, rule.clause)
    show(whole, "")
    for key, found in sets.items():
        show(heading(said(key.partition("_")[0], language)))
        lines = (
            [said("not_enforced", language)] if found is None else answer_lines(engine.bundle, found, MOST, language)
        )
        show(*(f"  {line}" for line in lines), "")
    show(text("legend", language))


def _sets(bundle: Bundle, decision: Decision, rule_id: str) -> dict[str, tuple[ChangeSet, ...] | None]:
    """The smallest changes after which a rule matches, and determines; `None` for what it cannot do."""
    from callpolicy.engine import compile_plan
    from callpolicy.matchers.indexed import compile_indexed
    from callpolicy.policy import Status
    from callpolicy.whatif import Determines, Matches, Searching

    assert decision.snapshot is not None
    searching = Searching(compile_plan(bundle, compile_indexed))
    enforced = bundle.rule(rule_id).status in {Status.ENFORCED, Status.PILOT}
    return {
        "matches_after": searching.change_sets(decision.snapshot, decision.point, Matches(rule_id)),
        "determines_after": searching.change_sets(decision.snapshot, decision.point, Determines(rule_id))
        if enforced
        else None,
    }


def _trees(bundle: Bundle, sets: tuple[ChangeSet, ...]) -> list[list[dict[str, object]]]:
    from callpolicy.cli.change_words import set_tree

    return [set_tree(bundle, each) for each in sets]
