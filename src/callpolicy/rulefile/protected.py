"""Public service numbers that come along: emergency services, regulators and helplines, per country with sources.

A protected class of `policy.yaml` takes them by naming countries, so that a norm need not list what is public.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

from callpolicy.errors import RuleFileError
from callpolicy.numbering import parse_number
from callpolicy.policy import Texts
from callpolicy.rulefile.faults import Desk, Faults, did_you_mean
from callpolicy.rulefile.shapes.policy import PolicyFile, ProtectedShape
from callpolicy.rulefile.shapes.protected import CountryFile, Group
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.tree import Path, read_document
from callpolicy.rulefile.wording import read_shape

FOLDER: Final = "protected"
_ENDING: Final = ".yaml"
_GROUPS: Final = frozenset(Group)


@dataclass(frozen=True, slots=True)
class ServiceNumber:
    """One public service number.

    Args:
        number: as it is dialled in its country.
        canonical: its identity as `callpolicy.numbering` reads it there; `None` if the installed plans do not hold it.
        group: what it is for.
        title: who answers it, per language.
        source: the document that says so, and where in it.
        checked: month in which it was last compared with a text that says so, as `2026-11`; `None` if it was not.
    """

    number: str
    canonical: str | None
    group: Group
    title: Texts = field(hash=False)
    source: str
    checked: str | None


@dataclass(frozen=True, slots=True)
class Country:
    """The public service numbers of one country.

    Args:
        code: ISO 3166 alpha-2.
        title: what it is called, per language.
        numbers: in the order of the file.
    """

    code: str
    title: Texts = field(hash=False)
    numbers: tuple[ServiceNumber, ...]

    def of(self, group: Group) -> tuple[ServiceNumber, ...]:
        """Its numbers of one group."""
        return tuple(each for each in self.numbers if each.group is group)


def countries() -> tuple[str, ...]:
    """Codes of the countries whose numbers come along, sorted."""
    folder = resources.files("callpolicy.rulefile") / FOLDER
    return tuple(sorted(each.name.removesuffix(_ENDING) for each in folder.iterdir() if each.name.endswith(_ENDING)))


@cache
def load_country(code: str) -> Country:
    """The numbers of a country.

    Args:
        code: one of `countries()`.

    Raises:
        RuleFileError: the file is not as it should be.
    """
    source = resources.files("callpolicy.rulefile") / FOLDER / f"{code}{_ENDING}"
    return read_country(f"{FOLDER}/{code}{_ENDING}", source.read_bytes())


def read_country(file: str, data: bytes) -> Country:
    """Read one file of numbers.

    Args:
        file: its path, for findings.
        data: its bytes.

    Raises:
        RuleFileError: with every fault of it.
    """
    document, findings = read_document(file, data)
    faults = Faults()
    shape = None if findings or document.broken else read_shape(Desk(document, faults), CountryFile)
    if shape is None:
        raise RuleFileError((*findings, *faults.sorted()))
    numbers = (
        ServiceNumber(
            each.number,
            parse_number(each.number, region=shape.country).canonical,
            each.group,
            dict(each.title),
            each.source,
            each.checked,
        )
        for each in shape.numbers
    )
    return Country(shape.country, dict(shape.title), tuple(numbers))


def shipped_numbers(desk: Desk, shape: PolicyFile) -> dict[str, tuple[str, ...]]:
    """The canonical numbers that each protected class takes from what comes along, with every fault handed in.

    Args:
        desk: where faults go.
        shape: the file `policy.yaml`.
    """
    found: dict[str, tuple[str, ...]] = {}
    takers: dict[tuple[str, Group], str] = {}
    for name, each in shape.protected.items():
        path = ("protected", name)
        _look_at_countries(desk, path, each)
        _look_at_groups(desk, path, name, each)
        for code, group in _taken(name, each):
            first = takers.setdefault((code, group), name)
            if first != name:
                message = f"`{group}` of `{code}` is taken by `{first}` already"
                desk.fault(_place(path, each, code), "duplicate-value", message, "a number is in one class")
            found[name] = (*found.get(name, ()), *_canonical(code, group))
    return found


def shipped_parts(shape: PolicyFile) -> Mapping[str, dict[str, list[str]]]:
    """What a norm takes from the numbers that come along, for its revision: `protected/CN` to group to numbers.

    WHY no titles and sources: a corrected source changes no decision, and must not look as if the norm had changed.
    """
    parts: dict[str, dict[str, list[str]]] = {}
    for name, each in shape.protected.items():
        for code, group in _taken(name, each):
            numbers = [number.number for number in load_country(code).of(group)]
            parts.setdefault(f"{FOLDER}/{code}", {})[str(group)] = numbers
    return parts


def _groups(name: str, shape: ProtectedShape) -> tuple[Group, ...]:
    if shape.groups:
        return tuple(shape.groups)
    return (Group(name),) if shape.countries and name in _GROUPS else ()


def _taken(name: str, shape: ProtectedShape) -> Iterator[tuple[str, Group]]:
    known = countries() if shape.countries else ()
    pairs = ((code, group) for code in shape.countries if code in known for group in _groups(name, shape))
    yield from dict.fromkeys(pairs)


def _canonical(code: str, group: Group) -> tuple[str, ...]:
    # WHY some may be left out: a caller is read with the same plans; what they do not hold is nobody's identity.
    return tuple(each.canonical for each in load_country(code).of(group) if each.canonical is not None)


def _look_at_countries(desk: Desk, path: Path, shape: ProtectedShape) -> None:
    known = countries()
    for position, code in enumerate(shape.countries):
        place = (*path, "countries", position)
        if code not in known:
            hint = did_you_mean(code, known, most=len(known))
            desk.fault(place, "unknown-country", f"no numbers come along for country {quoted(code)}", hint)
        elif code in shape.countries[:position]:
            desk.fault(place, "duplicate-value", f"{quoted(code)} stands twice in the list")
        for group in _groups(str(path[-1]), shape) if code in known else ():
            if not load_country(code).of(group):
                there = dict.fromkeys(str(each.group) for each in load_country(code).numbers)
                hint = f"it has: {', '.join(there)}; write the numbers under `numbers`"
                desk.fault(place, "no-such-numbers", f"{quoted(code)} comes with no number of group `{group}`", hint)


def _look_at_groups(desk: Desk, path: Path, name: str, shape: ProtectedShape) -> None:
    words = ", ".join(Group)
    if shape.groups and not shape.countries:
        hint = "name the countries, as `countries: [CN]`"
        desk.fault((*path, "groups"), "groups-without-countries", "groups of no country are no numbers", hint, key=True)
    if shape.countries and not _groups(name, shape):
        message = f"class {quoted(name)} is called as no group, so that it is open which numbers are meant"
        desk.fault((*path, "countries"), "groups-missing", message, f"write `groups: […]`, of: {words}", key=True)
    for position, group in enumerate(shape.groups):
        if group in shape.groups[:position]:
            desk.fault((*path, "groups", position), "duplicate-value", f"`{group}` stands twice in the list")


def _place(path: Path, shape: ProtectedShape, code: str) -> Path:
    return (*path, "countries", shape.countries.index(code))
