"""A card as text for a terminal: to be read in 20 seconds, what is needed first on top."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from callpolicy.errors import UsageError
from callpolicy.points import DecisionPoint, Effect
from callpolicy.policy import By
from callpolicy.reports.card import REOPENING_TEXTS, STATUS_TEXTS, Card
from callpolicy.reports.card_words import EFFECT_WORDS, LANGUAGES, words
from callpolicy.reports.next_steps import Step
from callpolicy.reports.times import local_minute
from callpolicy.session import CaseExplanation, CaseNewFact, CaseStatus

LATEST_SHOWN: Final = 5
"""How many explanations and new facts are shown, the latest; the JSON form has all of them."""

LONGEST_TEXT: Final = 200
"""How much of one text is shown. Units: cells of a terminal, of which a Chinese character takes two."""

_LONGEST_NAME: Final = 40
_INDENT: Final = "   "
_FIRST_HANDLER: Final = "first_handler"
# What could move the cursor, hide a text or turn it round: controls and breaks, formats and halves of characters.
_BLANK: Final = frozenset({"Cc", "Zl", "Zp"})
_DROPPED: Final = frozenset({"Cf", "Cs", "Co"})


def card_text(card: Card, language: str) -> str:
    """A card as plain text, without colours, ending with a line break.

    Args:
        card: the card.
        language: `zh-CN` or `en`; scripts that the norm does not have in it are shown in its first language.

    Raises:
        UsageError: there is no card in that language.
    """
    if language not in LANGUAGES:
        raise UsageError(f"a card is written in `{'` or `'.join(LANGUAGES)}`")
    return "\n".join(_Writer(card, language).lines()) + "\n"


def one_line(text: str, most: int) -> str:
    r"""A text of somebody else on one line that a terminal shows as it stands, cut at a width.

    Args:
        text: any text.
        most: how wide it may be. Units: cells of a terminal.

    Source: Unicode Standard Annex 11 (East Asian width); The Unicode Standard, section 4.5 (general category).

    >>> one_line("no\n  refund \x1b[2J", 40), one_line("不予退费", 5)
    ('no refund [2J', '不予…')
    """
    kept = "".join(_shown(each) for each in text)
    line = " ".join(kept.split())
    widths = list(accumulate(_cells(each) for each in line))
    # WHY the length too: marks that take no cell of their own could be heaped without end.
    if not line or (widths[-1] <= most and len(line) <= 2 * most):
        return line
    end = min(bisect_right(widths, most - 1), 2 * most)
    return line[:end].rstrip() + "…"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category in _DROPPED else " " if category in _BLANK else character


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Writer:
    """Writes one card in one language."""

    def __init__(self, card: Card, language: str) -> None:
        self._card = card
        self._story = card.story
        self._language = language

    def lines(self) -> Iterator[str]:
        yield from self._head()
        reopened = self._story.status is CaseStatus.REOPENED
        parts = (self._new_facts, self._result, self._steps) if reopened else (
            self._result, self._steps, self._new_facts
        )  # fmt: skip
        for part in (*parts, self._explanations):
            yield ""
            yield from part()

    # ---- who

    def _head(self) -> Iterator[str]:
        story = self._story
        status = STATUS_TEXTS[story.status][self._language]
        times = self._say("times", zone=self._card.time_zone)
        yield self._joined(self._say("case", case=_name(story.case_id)), status, times)
        caller = () if self._card.caller is None else (self._say("caller", caller=_name(self._card.caller)),)
        if story.opened_at is None:
            yield self._joined(*caller, self._say("nothing"))
            return
        handler = story.first_handler
        first = self._say("no_first_handler") if handler is None else self._say("first_handler", who=_name(handler))
        yield self._joined(*caller, first, self._contacts())

    def _contacts(self) -> str:
        story = self._story
        since = self._say("contacts", count=len(story.contacts), since=self._when(story.opened_at or 0))
        if story.final_result is None:
            return since
        return since + self._say("contacts_since", count=story.contacts_since_final)

    # ---- what next

    def _steps(self) -> Iterator[str]:
        rejected = self._card.rejected_in_call
        yield self._say("now") + (self._say("rejected_so_far", count=rejected) if rejected else "")
        shown: set[str] = set()
        for step in self._card.steps:
            if step.point is DecisionPoint.OFFERED and step.effect is Effect.ACCEPT and step.script is None:
                continue
            yield ("> " if step == self._card.current else "- ") + self._step(step)
            if step.script is not None and step.script not in shown:
                shown.add(step.script)
                yield _INDENT + self._say("quoted", text=one_line(self._own(step.say), 2 * LONGEST_TEXT))

    def _step(self, step: Step) -> str:
        what = self._effect(step) + ("" if step.script is None else self._say("script", script=step.script))
        if step.point is DecisionPoint.OFFERED:
            return self._say("as_it_comes", what=what)
        if step.rejections == 0:
            return self._say("first_step", what=what[:1].upper() + what[1:])
        return self._say("after_one" if step.rejections == 1 else "after_some", count=step.rejections, what=what)

    def _effect(self, step: Step) -> str:
        if step.effect is Effect.CONTINUE and step.rejections == 0:
            return self._say("continue_" + ("asked" if step.from_later else str(self._story.status)))
        if step.effect is Effect.EXPLAIN and step.rejections > 0:
            return self._say("explain_again")
        by = self._say("by_system") if step.by is By.SYSTEM else ""
        english, chinese = EFFECT_WORDS[step.effect]
        return (chinese if self._language == "zh-CN" else english).format(to=self._whom(step)) + by

    def _whom(self, step: Step) -> str:
        if step.to is None:
            return self._say("somebody")
        if step.to == _FIRST_HANDLER:
            handler = self._story.first_handler
            return self._say("to_first_handler", who="" if handler is None else " " + _name(handler))
        role = self._own(self._card.roles.get(step.to, {}))
        return self._say("to_role", role=role) if role else _name(step.to)

    # ---- what was said

    def _result(self) -> Iterator[str]:
        result = self._story.final_result
        if result is None:
            yield self._say("no_result")
            return
        yield self._joined(self._say("result"), self._when(result.at), self._who(result.by))
        yield _INDENT + self._text(result.text)

    def _explanations(self) -> Iterator[str]:
        story = self._story
        if not story.explanations:
            yield self._say("not_explained")
            return
        one = len(story.explanations) == 1
        yield self._say(
            "explained_once" if one else "explained",
            count=len(story.explanations),
            rejected=story.explanations_rejected,
            contacts=self._card.contacts_explained,
        )
        yield from self._numbered(story.explanations)

    def _numbered(self, given: Sequence[CaseExplanation]) -> Iterator[str]:
        yield from self._earlier(len(given))
        for number, each in list(enumerate(given, 1))[-LATEST_SHOWN:]:
            topic = () if each.topic is None else (_name(each.topic),)
            end = self._say("rejected" if each.rejected else "not_rejected")
            yield f"{number}. " + self._joined(self._when(each.at), self._who(each.handler), *topic, end)
            yield _INDENT + self._text(each.text)
            if each.objection:
                yield _INDENT + self._say("objection", text=one_line(each.objection, LONGEST_TEXT))

    # ---- what would re-open it

    def _new_facts(self) -> Iterator[str]:
        facts, status = self._story.new_facts, self._story.status
        how = REOPENING_TEXTS[status][self._language]
        if not facts:
            yield (self._say("how") if status is CaseStatus.FINAL else "") + how
            return
        yield self._say("new_facts", count=len(facts))
        yield from self._earlier(len(facts))
        for number, each in list(enumerate(facts, 1))[-LATEST_SHOWN:]:
            yield f"{number}. " + self._joined(self._when(each.at), self._who(each.by), *self._before_result(each))
            yield _INDENT + self._text(each.text)
        yield how

    def _before_result(self, fact: CaseNewFact) -> tuple[str, ...]:
        before = self._story.final_result is not None and not fact.since_final
        return (self._say("before_result"),) if before else ()

    # ---- words

    def _earlier(self, count: int) -> Iterator[str]:
        if count > LATEST_SHOWN:
            yield _INDENT + self._say("earlier", count=count - LATEST_SHOWN)

    def _say(self, key: str, **values: object) -> str:
        return words(key, self._language, **values)

    def _own(self, texts: Mapping[str, str]) -> str:
        return texts.get(self._language) or next(iter(texts.values()), "")

    def _when(self, at: int) -> str:
        return local_minute(at, self._card.time_zone)

    def _who(self, who: str | None) -> str:
        return self._say("unknown_handler") if who is None else _name(who)

    def _text(self, text: str | None) -> str:
        return one_line(text or "", LONGEST_TEXT) or self._say("no_text")

    def _joined(self, *parts: str) -> str:
        return " · ".join(parts)


def _name(text: str) -> str:
    return one_line(text, _LONGEST_NAME) or "?"
