"""What an earlier run found, kept by what decided it: only what changed is run again.

What was killed by an example hangs on its rule alone; everything else on the whole norm, its texts aside. What survived
is tried again each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from callpolicy import __version__
from callpolicy.condition import facts_read
from callpolicy.mutants.diffing import diff_of
from callpolicy.mutants.model import Fate, Mutant, Result
from callpolicy.policy import Bundle, Rule
from callpolicy.rulefile import print_rule

_FORMAT: Final = 1
_KEPT: Final = frozenset({Fate.KILLED, Fate.EQUIVALENT})
_RULE_FOLDERS: Final = ("classify/", "screen/", "hangup/", "blocklist/")
_EXAMPLE: Final = "example "


@dataclass(slots=True)
class Kept:
    """Results by digest.

    Args:
        entries: digest to fate and what brought it about.
        whole: whether what was read could be read; `False` for a corrupt file, of which nothing is taken.
    """

    entries: dict[str, tuple[str, str]] = field(default_factory=dict)
    whole: bool = True

    @classmethod
    def read(cls, data: bytes) -> Kept:
        """Read what an earlier run wrote; what cannot be read counts for nothing."""
        try:
            tree: Any = json.loads(data)
            entries = {str(key): (str(Fate(fate)), str(by)) for key, (fate, by) in tree["entries"].items()}
            known = tree["format"] == _FORMAT and all(fate in _KEPT for fate, _ in entries.values())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls(whole=False)
        return cls(entries) if known else cls(whole=False)

    def to_bytes(self) -> bytes:
        """What the next run reads."""
        tree = {"format": _FORMAT, "entries": {key: list(value) for key, value in sorted(self.entries.items())}}
        return json.dumps(tree, ensure_ascii=False, indent=0).encode()


class Keys:
    """The digests of what decides the results of a bundle's mutants.

    Args:
        bundle: the bundle.
    """

    __slots__ = ("_bundle", "_rules", "_whole")

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._rules: dict[str, str] = {}
        self._whole = _digest(_parts(bundle))

    def of_rule(self, mutant: Mutant) -> str:
        """What decides whether an example kills it: the rule, its examples and the facts that both conditions read."""
        new = mutant.new
        if not isinstance(new, Rule):
            return ""
        rule = self._bundle.rule(mutant.owner)
        if rule.id not in self._rules:
            self._rules[rule.id] = print_rule(_bare(rule, examples=True), self._bundle.catalogue)
        names = sorted(facts_read(new.when) | facts_read(rule.when))
        facts = [repr(replace(self._bundle.catalogue[name], title={})) for name in names]
        return _digest((mutant.id, self._rules[rule.id], self._change(mutant), *facts))

    def of_bundle(self, mutant: Mutant) -> str:
        """What decides everything else about it."""
        return _digest((mutant.id, self.of_rule(mutant), self._change(mutant), self._whole))

    def _change(self, mutant: Mutant) -> str:
        if isinstance(mutant.new, Rule):
            return print_rule(_bare(mutant.new, examples=False), self._bundle.catalogue)
        return diff_of(mutant, self._bundle)

    def found(self, mutant: Mutant, kept: Kept) -> Result | None:
        """The result of an earlier run, if what decided it is the same."""
        head = (mutant.id, mutant.operator, mutant.owner)
        by_rule = kept.entries.get(self.of_rule(mutant))
        if by_rule is not None:
            return Result(*head, Fate(by_rule[0]), by_rule[1])
        whole = kept.entries.get(self.of_bundle(mutant))
        if whole is None:
            return None
        diff = diff_of(mutant, self._bundle) if whole[0] == Fate.EQUIVALENT else ""
        return Result(*head, Fate(whole[0]), whole[1], diff)

    def keep(self, mutant: Mutant, result: Result, kept: Kept) -> None:
        """Keep a result for the next run."""
        if result.fate in _KEPT:
            by_example = result.fate is Fate.KILLED and result.by.startswith(_EXAMPLE)
            key = self.of_rule(mutant) if by_example else self.of_bundle(mutant)
            kept.entries[key] = (str(result.fate), result.by)


def _parts(bundle: Bundle) -> Iterator[str]:
    for rule in bundle.rules:
        yield print_rule(_bare(rule, examples=False), bundle.catalogue)
    if not bundle.files:
        yield bundle.revision
    for name, data in sorted(bundle.files.items()):
        if not name.startswith(_RULE_FOLDERS) and name != "scripts.yaml":
            yield f"{name} {hashlib.sha256(data).hexdigest()}"


def _bare(rule: Rule, *, examples: bool) -> Rule:
    texts: Mapping[str, str] = {}
    return replace(rule, title=texts, because=texts, owner="", norm=(), examples=rule.examples if examples else ())


def _digest(parts: Iterator[str] | tuple[str, ...]) -> str:
    made = hashlib.sha256(f"{__version__} {_FORMAT}".encode())
    for part in parts:
        # WHY the length: two parts must not read as one other.
        made.update(f"\n{len(part)} {part}".encode())
    return made.hexdigest()
