"""Texts for people: every language there, every placeholder a fact."""

from __future__ import annotations

import re
from typing import Final

from callpolicy.rulefile.faults import Desk
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path

_BRACE: Final = re.compile(r"[{}]")


def look_at_texts(desk: Desk, known: Known, path: Path, *, placeholders: bool) -> None:
    """Hand in what is wrong with one text per language.

    Args:
        desk: where faults go.
        known: languages and facts.
        path: where the texts stand.
        placeholders: whether `{fact.name}` may stand in them.
    """
    texts = desk.document.at(path)
    if not isinstance(texts, dict):
        return
    if known.languages is not None:
        _look_at_languages(desk, known.languages, path, texts)
    for language, text in texts.items():
        if isinstance(text, str) and _BRACE.search(text):
            _look_at_braces(desk, known, (*path, language), text, placeholders)


def _look_at_languages(desk: Desk, languages: tuple[str, ...], path: Path, texts: dict[str, object]) -> None:
    what = next((step for step in reversed(path) if isinstance(step, str)), "text")
    for language in languages:
        if language not in texts:
            desk.fault(path, "missing-translation", f"{quoted(what)} has no text in `{language}`", key=True)
    for language, text in texts.items():
        if language not in languages and text is not None:
            desk.unknown((*path, language), "unknown-language", "language", language, languages, key=True)


def _look_at_braces(desk: Desk, known: Known, path: Path, text: str, placeholders: bool) -> None:
    if not placeholders:
        desk.fault(path, "placeholder-not-here", "a title is shown as it stands and takes no `{fact}`")
        return
    names = _placeholders(text)
    if names is None:
        hint = "write `{fact.name}`; a brace that is no placeholder cannot stand in a text"
        desk.fault(path, "bad-placeholder", "the braces of the text do not make placeholders", hint)
        return
    for name in names:
        if known.catalogue.get(name) is None:
            known.fact(desk, path, name, key=False)


def _placeholders(text: str) -> list[str] | None:
    """The names between braces, or `None` if the braces do not pair.

    >>> _placeholders("warned {talk.warnings} times"), _placeholders("warned {talk.warnings times")
    (['talk.warnings'], None)
    """
    names: list[str] = []
    rest = text
    while "{" in rest or "}" in rest:
        before, opening, rest = rest.partition("{")
        name, closing, rest = rest.partition("}")
        if "}" in before or not opening or not closing or "{" in name or name.strip() != name or not name:
            return None
        names.append(name)
    return names
