"""What a change does, in plain sentences, Chinese and English."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.audit.showing import may_show
from callpolicy.changes.beside import Beside
from callpolicy.changes.clauses import JOINED, WHEN, Clause
from callpolicy.changes.model import Meaning, Move, Part, Range, Region, Said
from callpolicy.condition import Scalar
from callpolicy.decision import StageResult
from callpolicy.engine.explaining import leaf_text, show
from callpolicy.facts import Catalogue, FactType, Value
from callpolicy.instants import duration_text
from callpolicy.policy import Bundle, Term
from callpolicy.reports.norm_words import ZH_WORDS

_MILLISECOND: Final = 1_000
_IS_BOUND: Final = re.compile("为(?=(?:不超过|超过|不到) )")
_BESIDE_LATIN: Final = re.compile("(?<=[\u4e00-\u9fff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[\u4e00-\u9fff])")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_TIMES: Final = frozenset({FactType.DURATION, FactType.TIMESTAMP})
ZH: Final = "zh-CN"
EN: Final = "en"

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "at": ("{points}, where {where}:", "{points}，当{where}时："),
    "at_all": ("{points}, whatever the changed rules look at:", "{points}，不论被改动的规则所看的条件如何："),
    "and": (", and ", "，且"),
    "or": (" or ", "或"),
    "is": ("{fact} is {values}", "{fact}为{values}"),
    "never": ("{fact} is not known", "{fact}未知"),
    "unknown": ("not known", "未知"),
    "other": ("something else", "其他"),
    "from": ("{low} or more", "{low} 及以上"),
    "up_to": ("at most {high}", "不超过 {high}"),
    "over": ("more than {low}", "超过 {low}"),
    "below": ("less than {high}", "不到 {high}"),
    "both": (" and ", "且"),
    "between": ("from {low} to {high}", "{low} 至 {high}"),
    "holds": ("`{leaf}` is {truths}", "“{leaf}”{truths}"),
    "true": ("true", "成立"),
    "false": ("false", "不成立"),
    "move": ("{stage}: {old} becomes {new}", "{stage}：由“{old}”变为“{new}”"),
    "rules": (" ({old} → {new})", "（{old} → {new}）"),
    "default": ("no rule", "无规则"),
    "same_effect": (
        "{stage}: still {new}; what is said or noted with it changes",
        "{stage}：仍为“{new}”，随之的话术或记录要求有变",
    ),
    "beyond": (
        "Also different, which no facts of a call show (look at what recorded calls say): {parts}",
        "另有改动，单凭一通来电的事实看不出（请看录音来电的对比）：{parts}",
    ),
    "unsupported": (
        "{point}: not proved, for the solver cannot hold: {what}",
        "{point}：未证明，求解器无法表示：{what}",
    ),
    "unfinished": ("{point}: there is more than is listed here", "{point}：未列全，还有更多"),
    "came": ("{name}: {new} is new", "{name}：新增 {new}"),
    "went": ("{name}: {old} is gone", "{name}：删去 {old}"),
    "became": ("{name}: {old} becomes {new}", "{name}：由 {old} 变为 {new}"),
    "clause_when": ("condition", "条件"),
    "clause_joined": (
        "the condition is joined another way (all, any, not)",
        "条件的组合方式（all、any、not）有变",
    ),
    "clause_effect": ("effect", "处理"),
    "clause_kind": ("kind", "类别细分"),
    "clause_by": ("by", "由谁执行"),
    "clause_term": ("term", "期限"),
    "clause_wait": ("wait", "等待"),
    "clause_to": ("to", "转给"),
    "clause_script": ("script", "话术"),
    "clause_priority": ("priority", "优先级"),
    "clause_status": ("status", "状态"),
    "clause_stage": ("stage", "阶段"),
    "clause_pilot": ("pilot", "试点范围"),
    "clause_do": ("obligation", "附带要求"),
    "region": ("region of numbers", "号码所属地区"),
    "retention": ("how long things are kept", "保存期限"),
    "privacy": ("what may stand in clear", "可写明文的内容"),
    "invariants": ("invariants", "底线规则"),
    "windows": ("windows", "统计窗口"),
    "lexicons": ("word lists", "词表"),
    "offence_signals": ("signals that count as offences", "算作违规的信号"),
    "protected": ("protected numbers", "受保护号码"),
    "feeds": ("feeds", "数据来源"),
    "hours": ("business hours, holidays or time zone", "营业时间、节假日或时区"),
    "list_identities": ("what lists go by", "名单按什么识别"),
    "governance": ("who may block whom", "屏蔽的权限规定"),
    "scripts": ("scripts", "话术"),
    "reasons": ("reasons", "理由文字"),
    "facts": ("declared facts", "声明的事实"),
    "same_facts": (
        "Proved: on the same facts no decision changes. But what makes the facts differs:",
        "已证明：事实相同时，决定都不变。但事实的来源有改动：",
    ),
    "any": ("known, whatever it is", "已知（取值不限）"),
    "proved": ("Proved: no decision on any possible call changes.", "已证明：任何可能的来电，决定都不变。"),
    "apart": ("; ", "；"),
}  # fmt: skip


_TOLD_WHOLE: Final = frozenset({
    "invariants", "windows", "lexicons", "offence_signals", "protected", "feeds", "hours", "region", "list_identities",
    "governance", "retention", "privacy",
})  # fmt: skip
"""Parts of which each piece is told. Of scripts and reasons a brief gives the texts; facts stand in the regions."""


def word(name: str, language: str) -> str:
    """A word of the norm, with its Chinese name before it for Chinese readers."""
    chinese = ZH_WORDS.get(name)
    return f"{chinese} {name}" if chinese and language == ZH else name


def _say(key: str, language: str, **values: object) -> str:
    return _WORDS[key][language == ZH].format(**values)


def region_text(region: Region, catalogue: Catalogue, language: str) -> str:
    """Where decisions change, in one line."""
    points = _say("apart", language).join(word(str(each), language) for each in region.points)
    parts = [_part_text(each, catalogue, language) for each in region.parts]
    parts += [_said_text(each, catalogue, language) for each in region.said]
    if not parts:
        return _say("at_all", language, points=points)
    told = _say("at", language, points=points, where=_say("and", language).join(parts))
    return _spaced(told) if language == ZH else told


def _spaced(told: str) -> str:
    """Chinese as it is written beside figures and Latin letters.

    >>> _spaced("本次通话提醒次数为不超过 0或未知，次数为2时：")
    '本次通话提醒次数不超过 0 或未知，次数为 2 时：'
    """
    return _BESIDE_LATIN.sub(" ", _IS_BOUND.sub("", told))


def move_text(move: Move, language: str) -> str:
    """What becomes of what, in one line."""
    old, new = _outcome(move.old, language), _outcome(move.new, language)
    stage = word(str(move.stage), language)
    if old == new:
        return _say("same_effect", language, stage=stage, new=new)
    rules = _say("rules", language, old=_rules(move.old, language), new=_rules(move.new, language))
    return _say("move", language, stage=stage, old=old, new=new) + rules


def sentences(meaning: Meaning, bundle: Bundle, language: str) -> Iterator[str]:
    """The whole change: a line for each region, and one for each move, indented."""
    if meaning.same_on_facts:
        yield same_text(meaning, language)
    for region in meaning.regions:
        yield region_text(region, bundle.catalogue, language)
        for move in region.moves:
            yield f"  - {move_text(move, language)}"
    yield from remarks(meaning, language)


def same_text(meaning: Meaning, language: str) -> str:
    """That no decision changes, as far as that is proved."""
    return _say("proved" if meaning.proved_same else "same_facts", language)


def remarks(meaning: Meaning, language: str) -> Iterator[str]:
    """What is not in the regions: what no facts show, what is not proved, what is left out."""
    for point, what in meaning.unsupported.items():
        told = _say("apart", language).join(what)
        yield _say("unsupported", language, point=word(str(point), language), what=told)
    for point in meaning.unfinished:
        yield _say("unfinished", language, point=word(str(point), language))
    if meaning.beyond:
        parts = _say("apart", language).join(_say(each, language) for each in meaning.beyond)
        yield _say("beyond", language, parts=parts)
    yield from (f"  - {beside_text(each, language)}" for each in meaning.beside if each.part in _TOLD_WHOLE)


def beside_text(piece: Beside, language: str) -> str:
    """What else differs, in one line: what came, what went, or what became of what."""
    name = " ".join(part for part in (_say(piece.part, language), piece.name) if part)
    key = "came" if piece.old is None else "went" if piece.new is None else "became"
    return _say(key, language, name=name, old=piece.old, new=piece.new)


def clause_text(clause: Clause, catalogue: Catalogue, language: str) -> str:
    """What was changed in a rule, in one line."""
    name = _say(f"clause_{clause.what}", language)
    if clause.what == JOINED:
        return name
    old, new = (
        None if each is None else _titled(each, catalogue, language) if clause.what == WHEN else word(each, language)
        for each in (clause.old, clause.new)
    )
    return _say("came" if old is None else "went" if new is None else "became", language, name=name, old=old, new=new)


def _titled(leaf: str, catalogue: Catalogue, language: str) -> str:
    fact, _, rest = leaf.partition(" ")
    return f"{_fact_text(fact, catalogue, language)} {rest}"


def filled_in(text: str, catalogue: Catalogue, language: str) -> str:
    """A text of the norm with the title of each fact where its value will stand."""
    facts = {fact.name: fact.title.get(language, fact.name) for fact in catalogue}
    return _BRACES.sub(lambda found: f"[{facts.get(found[1], found[1])}]", text)


def call_text(values: Mapping[str, Value], catalogue: Catalogue) -> str:
    """The known facts of a call as `NAME=VALUE`, as `callpolicy decide --fact` takes them; personal ones are masked."""
    return " ".join(f"{name}={show(name, value, catalogue, EN)}" for name, value in sorted(values.items()))


def _fact_text(name: str, catalogue: Catalogue, language: str) -> str:
    fact = catalogue.get(name)
    return f"{fact.title[ZH]}（{name}）" if fact is not None and language == ZH else name


def _part_text(part: Part, catalogue: Catalogue, language: str) -> str:
    fact = _fact_text(part.fact, catalogue, language)
    values = [_range_text(part.fact, each, catalogue, language) for each in part.ranges]
    if part.other_texts:
        values.append(_say("other", language))
    if not values:
        return _say("never", language, fact=fact)
    if part.unknown:
        values.append(_say("unknown", language))
    return _say("is", language, fact=fact, values=_say("or", language).join(values))


def _range_text(name: str, bounds: Range, catalogue: Catalogue, language: str) -> str:
    low, high = (None if each is None else _value_text(name, each, catalogue, language) for each in bounds)
    if low is None and high is None:
        return _say("any", language)
    if bounds[0] == bounds[1] and low is not None:
        return low
    under, over = _rounder(name, bounds[0], catalogue, -1), _rounder(name, bounds[1], catalogue, 1)
    if low is not None and high is not None and under is None and over is None:
        return _say("between", language, low=low, high=high)
    ends: list[str] = []
    if under is not None:
        ends.append(_say("over", language, low=_value_text(name, under, catalogue, language)))
    elif low is not None:
        ends.append(_say("from", language, low=low))
    if over is not None:
        ends.append(_say("below", language, high=_value_text(name, over, catalogue, language)))
    elif high is not None:
        ends.append(_say("up_to", language, high=high))
    return _say("both", language).join(ends)


def _rounder(name: str, bound: Scalar | None, catalogue: Catalogue, step: int) -> Scalar | None:
    """The value beside a bound that people would write instead: five minutes for the last microsecond before them."""
    fact = catalogue.get(name)
    if isinstance(bound, float):
        beside = math.nextafter(bound, math.inf * step)
        return beside if len(repr(beside)) < len(repr(bound)) else None
    if fact is None or fact.type not in _TIMES or not isinstance(bound, int) or bound % _MILLISECOND == 0:
        return None
    return bound + step if (bound + step) % _MILLISECOND == 0 else None


def _value_text(name: str, value: Value, catalogue: Catalogue, language: str) -> str:
    shown = show(name, value, catalogue, language)
    return word(shown, language) if may_show(name, catalogue) else shown


def _said_text(said: Said, catalogue: Catalogue, language: str) -> str:
    names = {True: "true", False: "false", None: "unknown"}
    truths = _say("or", language).join(_say(names[each], language) for each in names if each in said.truths)
    return _say("holds", language, leaf=leaf_text(said.leaf, catalogue), truths=truths)


def _outcome(result: StageResult, language: str) -> str:
    outcome = result.outcome
    told = [word(str(outcome.effect), language)]
    if outcome.kind is not None:
        told.append(word(str(outcome.kind), language))
    if outcome.term is not None:
        term = outcome.term
        told.append(word(str(term), language) if isinstance(term, Term) else duration_text(term))
    return " ".join(told)


def _rules(result: StageResult, language: str) -> str:
    # WHY the holders alone: theirs is the effect that was taken.
    return ", ".join((*(result.held_by or result.determining), *result.invariants)) or _say("default", language)
