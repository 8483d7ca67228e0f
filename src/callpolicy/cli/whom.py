"""Whom an entry covers: as it is typed, and as it is shown, masked unless the norm lets it stand in clear text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from callpolicy.cli.options import Language
from callpolicy.errors import GovernanceError, UsageError

if TYPE_CHECKING:
    from callpolicy.listfiles.naming import Named, Naming
    from callpolicy.lists import ListName, Subject
    from callpolicy.policy import Bundle

NumberOption = Annotated[
    str | None,
    typer.Option("--number", metavar="NUMBER", help='One number, as "+86 138 0013 8000".', show_default=False),
]
CustomerOption = Annotated[
    str | None,
    typer.Option("--customer", metavar="ID", help="One customer, by the id of the host.", show_default=False),
]
PrefixOption = Annotated[
    str | None,
    typer.Option("--prefix", metavar="BEGINNING", help="All numbers that begin so, with `+`.", show_default=False),
]
RangeOption = Annotated[
    tuple[str, str] | None,
    typer.Option("--range", metavar="FIRST LAST", help="All numbers from the first to the last.", show_default=False),
]
ClearOption = Annotated[
    bool, typer.Option("--clear", help="Show numbers in full; the norm must allow it (`privacy.clear`).")
]


_BEGINNING: Final = re.compile(r"\+?[\d\s()./-]*\d[\s()./-]*", re.ASCII)


class Whom(NamedTuple):
    """The four ways to say whom; just one of them is used."""

    number: str | None
    customer: str | None
    prefix: str | None
    between: tuple[str, str] | None


def read_whom(whom: Whom, bundle: Bundle, on: ListName) -> tuple[Subject, tuple[str, ...]]:
    """Read whom an entry is to cover.

    Args:
        whom: as it was typed.
        bundle: the norm: its region is where national numbers are at home.
        on: the list.

    Returns:
        the subject, and codes of `callpolicy.listfiles.REMARKS`: what a person should look at.

    Raises:
        UsageError: it names nobody for certain; it says why.
        GovernanceError: nobody may ever be blocked by it.
    """
    from callpolicy.identity import IdentityKind
    from callpolicy.listfiles.fields import fold
    from callpolicy.listfiles.naming import Naming
    from callpolicy.lists import ListName

    if sum(each is not None for each in whom) != 1:
        raise UsageError("say whom, in one of four ways: `--number`, `--customer`, `--prefix` or `--range`")
    # WHY as for an allowlist: what a blocklist may not hold is for governance to refuse, with its rule.
    naming = Naming(bundle.settings.region, ListName.ALLOWLIST, None, None)
    if whom.between is not None:
        named = _range(naming, whom.between)
    elif whom.prefix is not None:
        named = _prefix(naming, fold(whom.prefix).rstrip("* "))
    elif whom.customer is not None:
        named = naming.read(fold(whom.customer), IdentityKind.CUSTOMER)
    else:
        named = _single(naming, whom.number or "")
    if named.subject is None:
        raise UsageError(_why_nobody(named.cause, _option_of(whom)))
    if on is ListName.BLOCKLIST:
        _look_at_protection(named.subject, bundle)
    return named.subject, tuple(each for each in named.remarks if each != "protected-anyway")


def _single(naming: Naming, text: str) -> Named:
    from dataclasses import replace

    from callpolicy.identity import IdentityKind
    from callpolicy.listfiles.fields import fold

    return replace(naming, prefixes=False).read(fold(text), IdentityKind.NUMBER)


def _prefix(naming: Naming, text: str) -> Named:
    from callpolicy.listfiles.naming import Named

    if _BEGINNING.fullmatch(text):
        return naming.read(text + "*")
    # WHY as one number: it says best what is wrong with a text that begins no number.
    named = _single(naming, text)
    return named if named.subject is None else Named(None, "several-things", named.shown)


def _range(naming: Naming, between: tuple[str, str]) -> Named:
    from callpolicy.listfiles.naming import Named
    from callpolicy.lists import Subject

    first, last = (_single(naming, each) for each in between)
    for each in (first, last):
        if each.subject is None:
            return each
    # INVARIANT: what is not refused has a subject.
    assert first.subject is not None
    assert last.subject is not None
    begin, end = first.subject.identity, last.subject.identity
    if len(begin.value) == len(end.value) and begin.value > end.value:
        raise UsageError("`--range` takes two numbers, the smaller one first; turn them round")
    try:
        subject = Subject(begin, last=end.value)
    except ValueError:
        raise UsageError("`--range` takes two numbers of one country and one length, the smaller one first") from None
    return Named(subject, "", "", tuple(dict.fromkeys((*first.remarks, *last.remarks))))


def _option_of(whom: Whom) -> str:
    """The option by which somebody was named."""
    name = next(name for name, told in zip(whom._fields, whom, strict=True) if told is not None)
    return "range" if name == "between" else name


def _why_nobody(cause: str, option: str) -> str:
    """Why a text names nobody; what the report of a file says of a row does not help whoever typed one."""
    from callpolicy.listfiles import CAUSES

    if cause == "blank":
        what = "the id of a customer" if option == "customer" else "a number in full"
        return f"`--{option}` names nobody; write {what} behind it [blank]"
    if cause == "withheld":
        return f"`--{option}` names a withheld number, which is nobody's; name another caller [withheld]"
    words = CAUSES[cause]
    return f"this names nobody for certain: {words.en}; {words.do_en} [{cause}]"


def _look_at_protection(subject: Subject, bundle: Bundle) -> None:
    """Refuse what is protected in a form that the rules of blocks do not see: a short code behind an area code."""
    from callpolicy.identity import IdentityKind
    from callpolicy.numbering import LineType, parse_number
    from callpolicy.session.caller import protected_class

    identity = subject.identity
    if identity.kind is not IdentityKind.NUMBER or subject.prefix or subject.last is not None:
        return
    if protected_class(identity.value, bundle.settings) is not None:
        raise GovernanceError("protected-caller", "always.protected", "a protected caller is never blocked")
    if parse_number(identity.value, region=bundle.settings.region).line_type is LineType.EMERGENCY:
        raise GovernanceError("emergency-number", "always.protected", "an emergency number is never blocked")


def covered_words(block_id: str, by: Subject, subject: Subject, state: str, language: Language) -> str:
    """That another block covers callers already: all of them, or some.

    Args:
        block_id: id of the other block, as it may be shown.
        by: whom it covers.
        subject: whom the new one covers.
        state: how the other one stands, in words.
        language: of the words.
    """
    from callpolicy.cli.block_texts import said
    from callpolicy.identity import Identity

    last = subject.identity if subject.last is None else Identity(subject.identity.kind, subject.last)
    if by.covers(subject.identity) and by.covers(last) and (by.prefix or not subject.prefix):
        return said("already", language, id=block_id, state=state)
    if language is Language.ZH:
        return f"注意：{block_id} 已覆盖其中一部分来电人（{state}）"
    return f"note: {block_id} covers some of these callers already ({state})"


def shown(subject: Subject, language: Language, clear: Collection[str] = ()) -> str:
    """A subject as people may see it.

    Args:
        subject: whom it covers.
        language: of the words.
        clear: kinds of identities that stand in clear text.
    """
    from callpolicy.identity import IdentityKind
    from callpolicy.listfiles.gathering import shown as masked

    value = subject.identity.value
    customer = subject.identity.kind is IdentityKind.CUSTOMER
    in_clear = str(subject.identity.kind) in clear
    if customer:
        hidden = value if in_clear else "".join("*" if each.isalnum() else each for each in value)
        return f"{'客户' if language is Language.ZH else 'customer'} {hidden}"
    if not in_clear:
        return masked(subject)
    return f"{value}*" if subject.prefix else value if subject.last is None else f"{value}–{subject.last}"


def subject_tree(subject: Subject, clear: Collection[str] = ()) -> dict[str, Any]:
    """A subject as JSON takes it, with its number as people may see it."""
    covers = "prefix" if subject.prefix else "one" if subject.last is None else "range"
    return {
        "kind": str(subject.identity.kind),
        "covers": covers,
        "shown": shown(subject, Language.EN, clear),
        "masked": str(subject.identity.kind) not in clear,
    }
