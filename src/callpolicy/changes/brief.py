"""One page for team leaders: what changes, why, what to say, and examples (NORM 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callpolicy.changes.clauses import clause_changes
from callpolicy.changes.examples import Shown, Where, calls_of
from callpolicy.changes.model import Meaning
from callpolicy.changes.narrating import call_story, outcomes, said
from callpolicy.changes.rules import RuleChanges, is_live, rule_changes
from callpolicy.changes.telling import (
    ZH,
    clause_text,
    filled_in,
    move_text,
    region_text,
    remarks,
    same_text,
    word,
)
from callpolicy.policy import Bundle, Rule

_MOST_MOVES: Final = 4
_SHORT: Final = len("sha256:") + 12
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("# What changes: {name}", "# 规则变更简报：{name}"),
    "revisions": ("From revision `{old}` to `{new}`.", "由版本 `{old}` 改为 `{new}`。"),
    "rules": ("## Rules", "## 规则"),
    "added": ("New: **{title}** (`{id}`)", "新增：**{title}**（`{id}`）"),
    "removed": ("No longer: **{title}** (`{id}`)", "取消：**{title}**（`{id}`）"),
    "changed": ("Changed: **{title}** (`{id}`)", "改动：**{title}**（`{id}`）"),
    "renamed": ("Renamed, the same otherwise: `{old}` → `{id}`", "仅改名：`{old}` → `{id}`"),
    "retold": ("Worded anew, the same otherwise: **{title}** (`{id}`)", "仅改文字：**{title}**（`{id}`）"),
    "not_live": (" – {status}, decides nothing yet", "——{status}，暂不生效"),
    "why": ("  Why: {because}", "  理由：{because}"),
    "no_rules": ("No rule changes.", "规则没有变化。"),
    "effects": ("## What this does on calls", "## 对来电的影响"),
    "more": ("- … and {count} more, see `callpolicy diff`", "- ……另有 {count} 项，见 `callpolicy diff`"),
    "say": ("## What to say", "## 该怎么说"),
    "caller": ("to the caller", "对来电人"),
    "agent": ("for the agent", "给坐席"),
    "nothing_said": ("Nothing new is said.", "话术没有变化。"),
    "examples": ("## Examples", "## 示例"),
    "boundary": ("Just at the boundary.", "刚好在界限上："),
    "inside": ("Well inside.", "离界限较远："),
    "besides": ("For example.", "例如："),
    "another": ("Another one.", "另一种情形："),
    "facts_only": (
        " (No sequence of events was found that leads there; these are its facts.)",
        "（未找到能走到这一步的事件序列，以下仅为事实）",
    ),
    "no_examples": ("There is no call that shows a difference.", "没有能看出差别的来电。"),
    "not_on_facts": (
        "What changes is how facts come about, so no single call shows it; look at what recorded calls say: "
        "`callpolicy diff --recorded`.",
        "改动的是事实的来源，单独一通来电看不出差别，请看录音来电的对比：`callpolicy diff --recorded`。",
    ),
}  # fmt: skip


def brief(old: Bundle, new: Bundle, meaning: Meaning, language: str) -> str:
    """The page, as Markdown.

    Args:
        old: the norm that holds now.
        new: the norm that is to hold.
        meaning: what the change does; see `compare_meaning`.
        language: `zh-CN` or `en`.
    """
    changes = rule_changes(old, new)
    parts = (
        _head(old, new, language),
        _rules(changes, new, language),
        _effects(meaning, new, language),
        _said(old, new, changes, language),
        _examples(old, new, meaning, language),
    )
    return "\n\n".join("\n".join(part).rstrip("\n") for part in parts) + "\n"


def _say(key: str, language: str, **values: object) -> str:
    return _WORDS[key][language == ZH].format(**values)


def _head(old: Bundle, new: Bundle, language: str) -> Iterator[str]:
    yield _say("title", language, name=new.settings.name)
    yield ""
    yield _say("revisions", language, old=_short(old.revision), new=_short(new.revision))


def _short(revision: str) -> str:
    """A revision as far as people tell it from others."""
    return revision[:_SHORT]


def _rules(changes: RuleChanges, new: Bundle, language: str) -> Iterator[str]:
    yield _say("rules", language)
    yield ""
    lines = [*_rule_lines(changes, new, language)]
    yield from lines or [_say("no_rules", language)]


def _rule_lines(changes: RuleChanges, bundle: Bundle, language: str) -> Iterator[str]:
    catalogue = bundle.catalogue
    was = {rule.id: rule for rule, _ in changes.changed}
    for rule in (*changes.added, *(new for _, new in changes.changed)):
        live = "" if is_live(rule) else _say("not_live", language, status=word(str(rule.status), language))
        yield f"- {_named('changed' if rule.id in was else 'added', rule, language)}{live}"
        if rule.id in was:
            clauses = clause_changes(was[rule.id], rule, catalogue)
            yield from (f"  - {clause_text(each, catalogue, language)}" for each in clauses)
        yield _say("why", language, because=filled_in(_text(rule.because, language), catalogue, language))
    yield from (f"- {_named('removed', rule, language)}" for rule in changes.removed)
    yield from (f"- {_named('retold', new, language)}" for _, new in changes.retold)
    yield from (f"- {_say('renamed', language, old=old.id, id=new.id)}" for old, new in changes.renamed)


def _named(key: str, rule: Rule, language: str) -> str:
    return _say(key, language, title=_text(rule.title, language), id=rule.id)


def _text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _effects(meaning: Meaning, new: Bundle, language: str) -> Iterator[str]:
    yield _say("effects", language)
    yield ""
    if meaning.same_on_facts:
        yield same_text(meaning, language)
    for region in meaning.regions:
        yield region_text(region, new.catalogue, language)
        yield ""
        yield from (f"- {move_text(move, language)}" for move in region.moves[:_MOST_MOVES])
        if len(region.moves) > _MOST_MOVES:
            yield _say("more", language, count=len(region.moves) - _MOST_MOVES)
        yield ""
    yield from remarks(meaning, language)


def _said(old: Bundle, new: Bundle, changes: RuleChanges, language: str) -> Iterator[str]:
    yield _say("say", language)
    yield ""
    used = {rule.then.script for rule in (*changes.added, *(new for _, new in changes.changed))}
    lines = [
        f"- `{name}` ({_say(whom, language)}): {filled_in(_text(texts, language), new.catalogue, language)}"
        for name, script in sorted(new.scripts.items())
        if name in used or old.scripts.get(name) != script
        for whom, texts in (("caller", script.caller), ("agent", script.agent))
        if texts
    ]
    yield from lines or [_say("nothing_said", language)]


def _examples(old: Bundle, new: Bundle, meaning: Meaning, language: str) -> Iterator[str]:
    yield _say("examples", language)
    yield ""
    shown_of = [*calls_of(old, new, meaning)]
    several = len(shown_of) > 1
    for number, (region, calls) in enumerate(shown_of, 1):
        if several:
            yield f"{number}. {region_text(region, new.catalogue, language).rstrip(':：')}"
        for place, shown in enumerate(calls):
            key = "another" if place and shown.where is Where.BESIDES else str(shown.where)
            indent = "   " if several else ""
            yield from (f"{indent}{line}" for line in _example(shown, _say(key, language), (old, new), language))
    if not meaning.regions:
        yield _say("no_examples" if meaning.proved_same or not meaning.same_on_facts else "not_on_facts", language)


def _example(shown: Shown, where: str, norms: tuple[Bundle, Bundle], language: str) -> Iterator[str]:
    old, new = norms
    if not shown.events:
        where += _say("facts_only", language)
    yield f"- **{where}** {call_story(shown, new, language)}"
    yield f"  - {outcomes(shown, old, new, language)}"
    yield from (f"  - {line}" for line in said(shown, new, language))
