"""How the commands of the desk begin and how they end: what was refused is a result, told in one line with its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import Language, language_of_environment
from callpolicy.cli.texts import title
from callpolicy.errors import GovernanceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from callpolicy.lifecycle import Actor, Block, Evidence
    from callpolicy.policy import Bundle, Governance
    from callpolicy.runtime.desk import Desk
    from callpolicy.stores.base import Store

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a command of the desk works with.

    Args:
        store: the store.
        bundle: the norm.
        at: when it is done.
        language: of the texts.
        as_json: whether to print JSON.
        clear: kinds of identities that are shown in clear text.
    """

    store: Store
    bundle: Bundle
    at: int
    language: Language
    as_json: bool
    clear: frozenset[str] = frozenset()

    @property
    def governance(self) -> Governance:
        """Who may do what."""
        from callpolicy.policy import Governance

        return self.bundle.governance or Governance()

    def act_as(self, person: str, roles: Iterable[str] | None) -> tuple[Desk, Actor]:
        """The desk, and who sits at it.

        Raises:
            GovernanceError: the norm does not know this person, or not in this role.
            UsageError: it is to be done later than now, or the person is given as a telephone number.
        """
        from callpolicy.cli.state import at_desk, look_at_clock

        look_at_clock(self.at)
        look_at_person(person, "--as")
        return at_desk(self.store, self.bundle, person, roles)


@contextmanager
def sitting(
    store: str | None, rules: Path | None, *, at: str | None = None, as_json: bool, language: Language | None,
    clear: bool = False,
) -> Iterator[Sitting]:  # fmt: skip
    """Open the store under the norm; what governance refuses is told, with exit code 1.

    Raises:
        typer.Exit: governance refused.
    """
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.state import instant_of, opened

    shown = language or language_of_environment()
    bundle = read_norm(rules)
    try:
        kinds = _clear(bundle) if clear else frozenset[str]()
        with opened(store) as there:
            when = instant_of(at)
            yield Sitting(there, bundle, when, shown, as_json, kinds)
    except GovernanceError as refused:
        tell(refused, bundle, shown, as_json)
        raise typer.Exit(FINDINGS) from None


def _clear(bundle: Bundle) -> frozenset[str]:
    """The kinds of identities that the norm lets stand in clear text.

    Raises:
        GovernanceError: there are none.
    """
    named = frozenset(kind for kind in ("number", "customer") if f"caller.{kind}" in bundle.settings.clear)
    if not named:
        message = "the norm shows neither `caller.number` nor `caller.customer` in clear text"
        raise GovernanceError("not-clear", "privacy.clear", message)
    return named


def tell(refused: GovernanceError, bundle: Bundle, language: Language, as_json: bool) -> None:
    """Print a refusal: the rule of governance that refused, and what to do."""
    from callpolicy.cli.terminal import show, show_json

    if as_json:
        show_json({"refused": refusal_tree(refused, bundle, language)})
    else:
        show(refusal_line(refused, bundle, language))


def refusal_tree(refused: GovernanceError, bundle: Bundle, language: Language) -> dict[str, Any]:
    """A refusal as JSON takes it."""
    what, to_do = refusal_words(refused, bundle, language)
    return {"code": refused.code, "rule": refused.rule, "message": what, "do": to_do}


def refusal_line(refused: GovernanceError, bundle: Bundle, language: Language) -> str:
    """A refusal in one line."""
    what, to_do = refusal_words(refused, bundle, language)
    if language is Language.ZH:
        return f"拒绝：{what}（规则 `{refused.rule}`，代码 {refused.code}）。{to_do}"
    return f"refused by `{refused.rule}`: {what} [{refused.code}]" + (f"; {to_do}" if to_do else "")


def refusal_words(refused: GovernanceError, bundle: Bundle, language: Language) -> tuple[str, str]:
    """What was refused, and what to do about it."""
    from callpolicy.cli.refusals import REFUSALS
    from callpolicy.policy import Governance

    message = str(refused).removesuffix(f" [{refused.code}, by `{refused.rule}`]")
    words = REFUSALS.get(f"{refused.code}/{refused.rule}") or REFUSALS.get(refused.code)
    if words is None:
        return message, ""
    governance = bundle.governance or Governance()
    roles = role_words(roles_of_rule(refused.rule, governance), governance, language)
    values = {"roles": roles, "most": governance.longest_reason}
    if language is Language.ZH:
        return words.zh.format_map(values), words.do_zh.format_map(values)
    return message, words.do_en.format_map(values)


def roles_of_rule(rule: str, governance: Governance) -> tuple[str, ...]:
    """The roles that a rule of governance names: `terms.month.judge`, `terms.day`, `allowlist.maintain`; else all."""
    from callpolicy.policy import Term

    section, _, rest = rule.partition(".")
    name, _, duty = rest.partition(".")
    if section == "allowlist":
        return () if governance.allowlist is None else governance.allowlist.maintain
    rules = governance.terms.get(Term(name)) if section == "terms" and name in set(Term) else None
    if rules is None:
        return tuple(governance.roles)
    every = {"judge": rules.judge, "operate": rules.operate, "maintain": rules.maintain}
    named = every[duty] if duty in every else tuple(role for roles in every.values() for role in roles)
    return tuple(dict.fromkeys(named))


def role_words(roles: Iterable[str], governance: Governance, language: Language) -> str:
    """Roles as people know them, each with the name that `--role` takes.

    >>> from callpolicy.policy import Governance
    >>> role_words(["ivr_operator"], Governance(roles={"ivr_operator": {"en": "IVR operator"}}), Language.EN)
    'IVR operator (ivr_operator)'
    """
    told = [_role_word(role, title(governance.roles.get(role, {}), language), language) for role in roles]
    if language is Language.ZH:
        return "、".join(told) or "（规范没有写明）"
    return " or ".join(told) or "nobody, for the norm names no role"


def _role_word(role: str, name: str, language: Language) -> str:
    if not name or name == role:
        return role
    return f"{name} {role}" if language is Language.ZH else f"{name} ({role})"


def look_at_person(name: str, option: str) -> None:
    """Refuse a person who is given as a telephone number.

    WHY: ids of persons stand in clear text in every list and record.

    Args:
        name: as it was typed.
        option: where.

    Raises:
        UsageError: it looks like a telephone number.
    """
    import unicodedata

    from callpolicy.rulefile.sources import masked

    plain = unicodedata.normalize("NFKC", name)
    if masked(plain) != plain:
        raise UsageError(f"`{option}` looks like a telephone number, and is shown in full; give a name or a staff id")


def made(kind: Callable[..., _T], **fields: Any) -> _T:
    """Make an act or a part of one of what was typed.

    Raises:
        UsageError: it is not what it must be, whoever acts.
    """
    try:
        return kind(**fields)
    except ValueError as error:
        raise UsageError(str(error)) from None


def read_evidence(store: Store, ids: Iterable[str], at: str | None) -> tuple[Evidence, ...]:
    """The decisions that an act rests on, each with the instant at which its record says that it was made.

    Args:
        store: where decisions are recorded.
        ids: their ids.
        at: when those were made that are not on record here; `None` to refuse them.

    Raises:
        UsageError: a decision is not on record, and nobody says when it was made.
    """
    from callpolicy.cli.state import instant_of
    from callpolicy.lifecycle import Evidence

    found = []
    for each in dict.fromkeys(ids):
        recorded = decided_at(store, each)
        if recorded is None and at is None:
            raise UsageError(_not_on_record(store, each))
        found.append(
            made(Evidence, decision_id=each, at=instant_of(at, "--evidence-at") if recorded is None else recorded)
        )
    return tuple(found)


def note_outside(block: Block, sit: Sitting) -> None:
    """Say which decisions a block rests on that nobody can look up in this store."""
    from callpolicy.cli.block_texts import one_line
    from callpolicy.cli.list_import import IMPORTED
    from callpolicy.cli.terminal import note

    if block.block_id.startswith(IMPORTED):
        return
    for each in dict.fromkeys(each.decision_id for each in block.evidence):
        if decided_at(sit.store, each) is None:
            zh = f"注意：依据 {one_line(each)} 此处无记录，无法核对"
            en = f"note: the evidence {one_line(each)} is not on record here; nobody can look it up in this store"
            note(zh if sit.language is Language.ZH else en)


def decided_at(store: Store, decision_id: str) -> int | None:
    """When a decision was made, by its audit record; `None` if it is not on record here."""
    from callpolicy.runtime.evidence import recorded

    kept = recorded(store, decision_id)
    return None if kept is None else kept.record.at


def _not_on_record(store: Store, name: str) -> str:
    from callpolicy.rulefile.sources import quoted

    of_call = [each.ref for each in store.find(name) if each.record.kind == "decision" and each.record.subject == name]
    if of_call:
        return f"{quoted(name)} is a call, not a decision; its last decision is {quoted(of_call[-1])}"
    return (
        f"the decision {quoted(name)} is not on record in this store, and what is on no record is no evidence; "
        "if another system recorded it, say with `--evidence-at` when it was made"
    )
