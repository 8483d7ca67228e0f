"""The sentences that stand in the source: what an error is raised with, as far as it is written there.

A sentence is compared by its skeleton: what changes, and whatever stands in backticks, is a hole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "callpolicy"
HOLE = "\0"
MOST = 16
"""How many ways to say something are gone through."""

Known = Mapping[str, Sequence[tuple[int, ast.expr]]]


def skeleton(sentence: str) -> str:
    """A sentence with holes for all that stands in backticks."""
    return re.sub("`[^`]*`", HOLE, sentence)


def skeleton_of_entry(english: str) -> str:
    """The skeleton of an entry of the tables."""
    return skeleton(re.sub(r"\{[a-z:]+\}", HOLE, english))


def raised(path: Path, by: frozenset[str]) -> Iterator[tuple[int, str]]:
    """What a module raises: the line, and the sentence with holes for what is not written there.

    Args:
        path: the module.
        by: names of the errors, or of what makes them.
    """
    tree = ast.parse(path.read_text("utf-8"))
    known = _texts_given(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _called(node) in by:
            for told in _told(node.args[0], known):
                if told.strip(HOLE):
                    yield node.lineno, told


def literals(path: Path) -> Iterator[str]:
    """The skeletons of all texts of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    known = {name: [(0, text) for _, text in given] for name, given in _texts_given(tree).items()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield from (skeleton(told) for told in _told(node, known))


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _told(node: ast.expr, known: Known) -> list[str]:
    """What an expression may say, with holes for what is not written there."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr():
            return _joined([_told(each, known) for each in node.values])
        case ast.FormattedValue():
            return _told(node.value, known)
        case ast.IfExp():
            return [*_told(node.body, known), *_told(node.orelse, known)]
        case ast.BinOp(op=ast.Add()):
            return _joined([_told(node.left, known), _told(node.right, known)])
        case ast.Name(id=name):
            # What the name was given last before; what that says is not looked up again.
            given = [each for each in known.get(name, ()) if each[0] <= node.lineno]
            last = [text for line, text in given if line == given[-1][0]]
            return [told for text in last for told in _told(text, {**known, name: ()})] or [HOLE]
        case _:
            return [HOLE]


def _joined(parts: Sequence[list[str]]) -> list[str]:
    return ["".join(each) for each in islice(product(*parts), MOST)]


def _texts_given(tree: ast.Module) -> Known:
    """Names of a module → the lines at which they are given a text, and the text."""
    found: dict[str, list[tuple[int, ast.expr]]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp):
            for name in (each.id for each in targets if isinstance(each, ast.Name)):
                found.setdefault(name, []).append((node.lineno, node.value))
    return {name: sorted(given, key=lambda each: each[0]) for name, given in found.items()}
