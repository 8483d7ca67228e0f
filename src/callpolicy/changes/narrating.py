"""A call told as it happens, in words that a team leader uses, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from callpolicy.audit.showing import may_show
from callpolicy.changes.examples import Shown
from callpolicy.changes.telling import ZH, word
from callpolicy.decision import Decision, StageResult
from callpolicy.engine.deciding import carry, given
from callpolicy.engine.explaining import fill, show
from callpolicy.events import Event, Judged, Offence, Offered, Said, Tick
from callpolicy.facts import Value
from callpolicy.instants import duration_text
from callpolicy.lexicon import SignalFinder
from callpolicy.points import Effect
from callpolicy.policy import Bundle, By, Outcome, Term
from callpolicy.reports.norm_words import ZH_WORDS
from callpolicy.windows import CALLS, Measure, Window

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "apart": ("; ", "；"),
    "stop": (".", "。"),
    "known": ("known beforehand: {facts}", "事先已知：{facts}"),
    "fact": ("{title}: {value}", "{title}：{value}"),
    "between": (", ", "，"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "times": (", {count} times over", "，共 {count} 次"),
    # before the call
    "nth": ("the caller calls for the {nth} time within {length}", "来电人 {length}内第 {count} 次来电"),
    "nth_same": (
        "the caller calls for the {nth} time about the same thing within {length}",
        "来电人 {length}内就同一事由第 {count} 次来电",
    ),
    "case.status:open": ("the caller has an open complaint case", "来电人有未结的投诉个案"),
    "case.status:final": ("the caller's complaint case has a final result", "来电人的投诉个案已有最终结论"),
    "case.status:reopened": ("the caller's complaint case was re-opened", "来电人的投诉个案已重新受理"),
    "case.linked:true": ("the call is about a complaint case", "来电与投诉个案有关"),
    "caller.protected:true": ("the caller is protected", "来电人属于受保护对象"),
    "caller.allowlisted:true": ("the caller is on the allowlist", "来电人在白名单上"),
    "block.covered:true": ("the caller is on the blocklist", "来电人在黑名单有效期内"),
    "host.case_overdue:true": ("the case has run over the time that was promised", "个案已超过承诺的办理时限"),
    # on the call
    "offered": ("a call comes in", "来电进线"),
    "offered_chat": ("a chat comes in", "在线会话进线"),
    "offered_mail": ("a mail comes in", "邮件进线"),
    "answered": ("an agent takes it", "坐席接听"),
    "offence_harassment": ("the caller harasses the agent", "来电人骚扰坐席"),
    "offence_abuse": ("the caller insults the agent", "来电人辱骂坐席"),
    "offence_out_of_scope": (
        "the caller keeps on about something that is no business here",
        "来电人纠缠业务范围外的事",
    ),
    "warned": ("the agent warns", "坐席提醒"),
    "soothed": ("the agent soothes the caller", "坐席安抚来电人"),
    "explained": ("the agent explains", "坐席解释"),
    "explanation_rejected": ("the caller does not accept it", "来电人不接受"),
    "refused_by_rule": ("a business rule does not allow what the caller wants", "来电人的需求受业务规则限制，不能办理"),
    "service_completed": ("what the caller came for is done", "来电人的业务已办完"),
    "no_further_needs": ("the caller says that nothing else is needed", "来电人表示没有其他需要"),
    "judged": ("the agent judges the caller: {class_}", "坐席判定来电人为：{class_}"),
    "said": ("the caller says what is on a word list: {signals}", "来电人说出词表中的话：{signals}"),
    "said_nothing": ("the caller says something", "来电人说话"),
    "transferred": ("the call is passed on to another agent", "转给另一位坐席"),
    "escalated": ("the call is escalated", "来电已升级"),
    "held": ("the caller is put on hold", "来电人被保持"),
    "silence": ("nobody speaks", "双方静默"),
    "tick": ("{length} go by", "过去 {length}"),
    "ended": ("the call is over", "通话结束"),
    # what is done
    "before_after": ("Until now: {old}. From now on: {new}.", "原来：{old}。今后：{new}。"),
    "noted": (" ({what})", "（{what}）"),
    "to_say": ("To say: “{text}”", "对来电人说：“{text}”"),
    "to_know": ("For the agent: {text}", "给坐席：{text}"),
    "by_system": (", by the system itself", "，由系统自动执行"),
    "somebody": ("somebody else", "其他同事"),
    "class": ("the caller counts as {class_}", "来电人归为{class_}"),
    "term": ("for {term}", "{term}"),
}  # fmt: skip

_EFFECTS: Final[Mapping[Effect, tuple[str, str]]] = {
    Effect.ACCEPT: ("the call is put through as usual", "照常接入"),
    Effect.DIVERT: ("the call is passed on to {to}", "转给{to}"),
    Effect.REJECT: ("the call is not put through", "不接入"),
    Effect.CONTINUE: ("the agent goes on as usual", "坐席照常服务"),
    Effect.SOOTHE: ("the agent soothes the caller first", "坐席先安抚"),
    Effect.EXPLAIN: ("the agent explains", "坐席先解释"),
    Effect.WARN: ("the agent warns the caller", "坐席提醒来电人"),
    Effect.ESCALATE: ("the call is escalated to {to}", "升级给{to}"),
    Effect.OFFER_CLOSE: (
        "the agent says goodbye, waits {wait}, and may then hang up",
        "坐席道别并等待 {wait}，之后可以挂机",
    ),
    Effect.HANG_UP_POLITELY: ("the agent may end the call politely", "坐席可以礼貌结束通话"),
    Effect.HANG_UP: ("the agent may hang up", "坐席可以挂机"),
    Effect.NONE: ("no block", "不屏蔽"),
    Effect.PROPOSE_BLOCK: ("a block {term} is proposed to people", "提请人工判定，屏蔽{term}"),
    Effect.BLOCK: ("the caller is blocked {term}", "屏蔽来电人{term}"),
}  # fmt: skip

_CLASSES: Final[Mapping[str, str]] = {
    "normal": "an ordinary caller",
    "repeat_complaint": "a repeat complaint",
    "nuisance": "a nuisance",
    "beyond_business_rule": "a wish that a business rule does not allow",
    "after_final_result": "a complaint that has its final result",
    "harassment": "a nuisance: harassment",
    "abuse": "a nuisance: abuse",
    "out_of_scope": "a nuisance: nothing that is business here",
}
"""Classes and kinds in English; the Chinese words are those of the norm."""

_TERMS: Final[Mapping[Term, tuple[str, str]]] = {
    Term.DAY: ("for a day", "一天"),
    Term.WEEK: ("for a week", "一周"),
    Term.MONTH: ("for a month", "一个月"),
    Term.PERMANENT: ("without end", "（永久）"),
}
_UNITS: Final = (
    (3_600_000_000, ("hour", "小时"), 72),
    (86_400_000_000, ("day", "天"), 0),
    (60_000_000, ("minute", "分钟"), 0),
    (1_000_000, ("second", "秒"), 0),
)
# Who the caller is says nothing, and when the result was given no more than that it was.
_UNTOLD: Final = frozenset({"caller.customer", "caller.number", "case.id", "case.final_result_at"})


def call_story(shown: Shown, bundle: Bundle, language: str) -> str:
    """What happens, in one line: what is known beforehand, then step by step.

    Args:
        shown: the call.
        bundle: the norm, for its windows, facts and word lists.
        language: `zh-CN` or `en`.
    """
    if not shown.events:
        told = [*_beforehand(shown.values, bundle, language)]
        return _sentence(
            [_say("known", language, facts=_say("between", language).join(told))] if told else [], language
        )
    first = shown.events[0]
    known = {**_of_offer(first), **shown.stored}
    steps = [_step(before, event, bundle, language) for before, event in pairwise(shown.events)]
    opening = [*_beforehand(known, bundle, language)]
    counted = any(_is_count_of_calls(bundle, name) and value for name, value in shown.stored.items())
    come = [] if counted else [_offer(first, language)]
    return _sentence([*opening, *come, *_together(steps, language)], language)


def outcomes(shown: Shown, old: Bundle, new: Bundle, language: str) -> str:
    """What was done on it, and what is done from now on."""
    before, after = _outcome(shown.before, old, language), _outcome(shown.after, new, language)
    if before == after:
        before += _noted(shown.before, language)
        after += _noted(shown.after, language)
    return _say("before_after", language, old=before, new=after)


def said(shown: Shown, new: Bundle, language: str) -> Iterator[str]:
    """What is to be said on it from now on: to the caller, and to the agent."""
    script = new.scripts.get(shown.after.outcome.script or "")
    if script is None or shown.new is None:
        return
    values = _values(shown.new)
    for key, texts in (("to_say", script.caller), ("to_know", script.agent)):
        text = texts.get(language) or next(iter(texts.values()), "")
        if text:
            yield _say(key, language, text=fill(text, values, new.catalogue, language))


def _values(decision: Decision) -> dict[str, Value]:
    values = given(decision.snapshot) if decision.snapshot else {}
    for stage in decision.stages:
        carry(values, stage)
    return values


def _say(key: str, language: str, **values: object) -> str:
    return _WORDS[key][language == ZH].format(**values)


def _sentence(parts: Sequence[str], language: str) -> str:
    line = _say("apart", language).join(parts)
    return line[:1].upper() + line[1:] + (_say("stop", language) if line else "")


def _beforehand(values: Mapping[str, Value], bundle: Bundle, language: str) -> Iterator[str]:
    """What is known as the call comes in, and worth telling."""
    windows = {each.fact: each for each in bundle.windows}
    for name in sorted(values, key=lambda each: (each in windows and windows[each].over == CALLS, each)):
        value = values[name]
        if value is False or value == 0 or name in _UNTOLD:
            continue
        if name == "case.linked" and "case.status" in values:
            continue
        window = windows.get(name)
        key = f"{name}:{show(name, value, bundle.catalogue, language)}"
        if window is not None and _is_count_of_calls(bundle, name) and isinstance(value, int):
            yield _nth(window, value + 1, language)
        elif key in _WORDS:
            yield _say(key, language)
        else:
            yield _fact(name, value, bundle, language)


def _fact(name: str, value: Value, bundle: Bundle, language: str) -> str:
    fact = bundle.catalogue.get(name)
    title = fact.title.get(language, name) if fact else name
    if isinstance(value, bool):
        told = _say("yes" if value else "no", language)
    else:
        shown = show(name, value, bundle.catalogue, language)
        told = word(shown, language) if may_show(name, bundle.catalogue) else shown
    return _say("fact", language, title=title, value=told)


def _is_count_of_calls(bundle: Bundle, name: str) -> bool:
    return any(
        each.fact == name
        and each.measure is Measure.COUNT
        and each.over == CALLS
        and not each.where
        and each.same_as_current in {(), ("topic",)}
        and each.length is not None
        for each in bundle.windows
    )


def _nth(window: Window, count: int, language: str) -> str:
    key = "nth_same" if window.same_as_current else "nth"
    return _say(key, language, nth=_ordinal(count), count=count, length=length_text(window.length or 0, language))


def _ordinal(count: int) -> str:
    """The English ordinal of a count.

    >>> _ordinal(3), _ordinal(10), _ordinal(21), _ordinal(112)
    ('third', '10th', '21st', '112th')
    """
    few = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    ends = {1: "st", 2: "nd", 3: "rd"}
    last = "th" if count % 100 in {11, 12, 13} else ends.get(count % 10, "th")
    return few.get(count, f"{count}{last}")


def length_text(duration: int, language: str) -> str:
    """A duration as people say it, where it is a whole number of one unit.

    >>> length_text(86_400_000_000, "en"), length_text(600_000_000, "zh-CN"), length_text(500_000, "en")
    ('24 hours', '10 分钟', '500ms')
    """
    for unit, names, most in _UNITS:
        count = duration // unit
        if duration % unit == 0 and count and (not most or count <= most):
            plural = "s" if language != ZH and count > 1 else ""
            return f"{count} {names[language == ZH]}{plural}"
    return duration_text(duration)


def _of_offer(first: Event) -> dict[str, Any]:
    """The facts that the offer brings along."""
    if not isinstance(first, Offered):
        return {}
    own = {f"call.{name}": getattr(first, name) for name in ("queue", "team", "dialled", "language", "topic")}
    return {**first.facts, **{name: value for name, value in own.items() if value is not None}}


def _offer(first: Event, language: str) -> str:
    channel = str(first.channel) if isinstance(first, Offered) else "phone"
    return _say("offered" if channel == "phone" else f"offered_{channel}", language)


def _step(before: Event, event: Event, bundle: Bundle, language: str) -> str:
    """One event in words."""
    values: dict[str, Any] = {}
    key = event.name
    match event:
        case Offence():
            key = f"offence_{event.kind}"
        case Judged():
            # WHY no kind without a class: a kind says more than its class.
            values["class_"] = _class(event.kind or event.class_, language)
        case Said():
            signals = sorted(SignalFinder(bundle.lexicons).signals(event.text or ""))
            key = "said" if signals else "said_nothing"
            values["signals"] = _say("between", language).join(f"`{each}`" for each in signals)
        case Tick():
            values["length"] = length_text(event.at - before.at, language)
        case _:
            pass
    return _say(key if key in _WORDS else "said_nothing", language, **values)


def _together(steps: Sequence[str], language: str) -> Iterator[str]:
    """What happens several times over, one step or two in turn, is told once."""
    place = 0
    while place < len(steps):
        for size in (1, 2):
            part = steps[place : place + size]
            count = 1
            while steps[place + count * size : place + (count + 1) * size] == part:
                count += 1
            if count > 1:
                yield _say("between", language).join(part) + _say("times", language, count=count)
                place += count * size
                break
        else:
            yield steps[place]
            place += 1


def _outcome(result: StageResult, bundle: Bundle, language: str) -> str:
    outcome = result.outcome
    template = _EFFECTS.get(outcome.effect)
    if template is None:
        return _say("class", language, class_=_class(str(outcome.kind or outcome.effect), language))
    told = template[language == ZH].format(
        to=_whom(outcome, bundle, language),
        wait=length_text(outcome.wait or 0, language),
        term=_term(outcome, language),
    )
    by_system = outcome.by is By.SYSTEM and not result.default
    return told + (_say("by_system", language) if by_system else "")


def _class(name: str, language: str) -> str:
    return ZH_WORDS.get(name, name) if language == ZH else _CLASSES.get(name, name)


def _whom(outcome: Outcome, bundle: Bundle, language: str) -> str:
    if outcome.to is None:
        return _say("somebody", language)
    roles = bundle.governance.roles if bundle.governance else {}
    title = roles.get(outcome.to, {}).get(language)
    if title is None:
        return f"`{outcome.to}`"
    return title if language == ZH else f"the {title}"


def _term(outcome: Outcome, language: str) -> str:
    term = outcome.term
    if isinstance(term, Term):
        return _TERMS[term][language == ZH]
    return "" if term is None else _say("term", language, term=length_text(term, language))


def _noted(result: StageResult, language: str) -> str:
    noted = [word(str(each), language) for each in result.obligations]
    if result.outcome.script:
        noted.append(f"`{result.outcome.script}`")
    return _say("noted", language, what=_say("between", language).join(noted)) if noted else ""
