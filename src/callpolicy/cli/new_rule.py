"""`callpolicy new rule`: a rule file that passes `check`, with examples made from its condition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.grouping import register
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.errors import Finding, RuleFileError, Severity, UsageError

if TYPE_CHECKING:
    from callpolicy.policy import Bundle, Rule

_NEVER: Final = "never-matches"
_REVIEWED_WITHIN: Final = timedelta(days=180)
_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "written": ("written: {file}, with examples: {examples}", "已写入：{file}，含 {examples} 个示例"),
    "next": (
        "now write the title and the reason for people, then run `callpolicy check {folder}`",
        "接下来请把标题和理由写给人看，然后运行 `callpolicy check {folder}`",
    ),
    "contradiction": (
        "two of its conditions exclude each other; correct a value, or write `--any` if one of them is enough",
        "其中有条件互相矛盾；请改正取值，若满足其一即可则写 `--any`",
    ),
    "refused": ("nothing was written: errors {count}", "没有写入任何文件：{count} 个错误"),
}


class StageName(StrEnum):
    """A stage, as `callpolicy.points.Stage`, which is not imported before a command runs."""

    CLASSIFY = "classify"
    SCREEN = "screen"
    HANGUP = "hangup"
    BLOCKLIST = "blocklist"


class NewStatus(StrEnum):
    """The statuses that a new rule can have."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ENFORCED = "enforced"


@dataclass(frozen=True, slots=True)
class _Made:
    """A rule that was made, and what is to be said about it."""

    rule: Rule
    file: str
    data: bytes
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        return sum(each.severity is Severity.ERROR for each in self.findings)


def new_rule(  # noqa: PLR0913, PLR0917 - the options of a command
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule, and the name of its file.")],
    stage: Annotated[StageName, typer.Option("--stage", help="The stage.", show_default=False)],
    when: Annotated[
        list[str],
        typer.Option(
            "--when", metavar="CONDITION", show_default=False,
            help="`FACT OPERATOR VALUE`, as `talk.warnings at_least 1`. Several must all hold.",
        ),
    ],
    either: Annotated[bool, typer.Option("--any", help="One of several `--when` is enough.")] = False,
    effect: Annotated[
        str | None,
        typer.Option("--effect", help="The effect; the kindest of the stage if left out.", show_default=False),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Kind of the class.", show_default=False)] = None,
    by: Annotated[str | None, typer.Option("--by", help="`agent` or `system`.", show_default=False)] = None,
    term: Annotated[str | None, typer.Option("--term", help="How long a block lasts.", show_default=False)] = None,
    wait: Annotated[str | None, typer.Option("--wait", help="For `offer_close`.", show_default=False)] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Role or queue, for `escalate`, `divert`.", show_default=False)
    ] = None,
    say: Annotated[str | None, typer.Option("--say", help="Id of a script.", show_default=False)] = None,
    do: Annotated[
        list[str] | None, typer.Option("--do", help="What must also be done; may be repeated.", show_default=False)
    ] = None,
    priority: Annotated[int, typer.Option("--priority", help="Higher wins.")] = 50,
    status: Annotated[NewStatus, typer.Option("--status", help="How far it has come.")] = NewStatus.DRAFT,
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")] = "service-quality",
    title_en: Annotated[str | None, typer.Option("--title-en", help="Title in English.", show_default=False)] = None,
    title_zh: Annotated[str | None, typer.Option("--title-zh", help="Title in Chinese.", show_default=False)] = None,
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Folder of the norm.")] = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:  # fmt: skip
    """Write a rule file with examples made from its condition; exit code 1 if the norm would not pass `check`.

    Nothing is written then; nor if no possible call fulfils the condition, also for a draft.
    """
    from callpolicy.cli.inputs import norm_folder

    place = norm_folder(folder)
    then = {
        "effect": effect, "kind": kind, "by": by, "term": term, "wait": wait, "to": to, "say": say, "do": do or None,
    }  # fmt: skip
    head = {"id": rule_id, "stage": str(stage), "status": str(status), "owner": owner, "priority": priority}
    shown = language or language_of_environment()
    made = _make(place, head, then, (when, either), (title_en, title_zh), shown)
    if not made.errors:
        _write(place / made.file, made.data)
    _tell(made, place, as_json, shown)
    if made.errors:
        raise typer.Exit(FINDINGS)


def _make(
    folder: Path,
    head: Mapping[str, Any],
    then: Mapping[str, Any],
    when: tuple[Sequence[str], bool],
    titles: tuple[str | None, str | None],
    language: Language,
) -> _Made:
    from callpolicy.cli.new_rule_when import read_when
    from callpolicy.matchers.reference import truth
    from callpolicy.rulefile import print_rule
    from callpolicy.rulefile.folder import read_files
    from callpolicy.rulefile.loading import load_bundle_files
    from callpolicy.rulefile.scaffolding import examples_of

    files, faults = read_files(folder)
    if faults:
        raise RuleFileError(faults)
    bundle = load_bundle_files(files)
    rule_id, stage = str(head["id"]), str(head["stage"])
    file = f"{stage}/{rule_id}.yaml"
    _look_whether_free(bundle, folder, file, rule_id)
    leaves = [read_when(each, bundle.catalogue) for each in when[0]]
    tree = {
        **head,
        "review_by": _review_by().isoformat(),
        "title": _titles(bundle, rule_id, titles),
        "when": leaves[0] if len(leaves) == 1 else {"any" if when[1] else "all": leaves},
        "then": _then(stage, then),
        "because": _reasons(bundle, leaves),
        "examples": [],
    }
    bare = _read(files, file, json.dumps(tree, ensure_ascii=False).encode(), rule_id)
    made = examples_of(bare.when, bundle.catalogue, truth)
    text = print_rule(replace(bare, examples=made.examples), bundle.catalogue)
    data = _with_schema(folder, text).encode()
    after = load_bundle_files({**files, file: data})
    found = _new_findings(bundle, after, drafted=head["status"] == "draft")
    return _Made(after.rule(rule_id), file, data, (*_never(after, rule_id, language), *found))


def _never(bundle: Bundle, rule_id: str, language: Language) -> Iterator[Finding]:
    """That a rule can match no call: WHY an error of a draft too, what contradicts itself is no beginning."""
    from callpolicy.analysis.matching import can_match
    from callpolicy.analysis.telling import told

    if can_match(bundle, bundle.rule(rule_id)) is False:
        sentence = told(_NEVER, [rule_id], "")[str(language)]
        yield Finding(_NEVER, sentence, None, _text("contradiction", language), severity=Severity.ERROR)


def _look_whether_free(bundle: Bundle, folder: Path, file: str, rule_id: str) -> None:
    from callpolicy.rulefile.sources import quoted

    if rule_id.startswith("."):
        # WHY here: what is hidden is not read, so that nobody else would say it.
        raise UsageError(f"{quoted(rule_id)} is no id; write lower-case letters, digits and `_`")
    for rule in bundle.rules:
        if rule.id == rule_id:
            where = rule.span.file if rule.span else "the norm"
            raise UsageError(f"rule {quoted(rule_id)} stands in `{where}` already; nothing was written")
    path = folder / file
    if path.exists() or path.is_symlink():
        raise UsageError(f"{quoted(file)} is there already; nothing was written")


def _review_by() -> date:
    return (datetime.now(UTC) + _REVIEWED_WITHIN).date()


def _titles(bundle: Bundle, rule_id: str, given: tuple[str | None, str | None]) -> dict[str, str]:
    english = given[0] or rule_id.replace("_", " ")
    chinese = given[1] or f"{rule_id}（标题待写）"
    return {each: chinese if each.startswith("zh") else english for each in bundle.settings.languages}


def _then(stage: str, given: Mapping[str, Any]) -> dict[str, Any]:
    from callpolicy.points import Stage, default_effect

    effect = given["effect"] or str(default_effect(Stage(stage)))
    return {**{name: value for name, value in given.items() if value is not None}, "effect": effect}


def _reasons(bundle: Bundle, leaves: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What was looked at, with its values: a reason that is true, until an author writes a better one."""
    from callpolicy.facts import Privacy

    named = dict.fromkeys(name for leaf in leaves for name, asked in leaf.items() if asked != {"known": False})
    facts = [bundle.catalogue[name] for name in named if bundle.catalogue[name].privacy is not Privacy.PERSONAL]
    reasons = {}
    for language in bundle.settings.languages:
        chinese = language.startswith("zh")
        between, colon, stop = ("；", "：", "。") if chinese else ("; ", ": ", ".")
        parts = [f"{each.title.get(language) or each.name}{colon}{{{each.name}}}" for each in facts]
        reasons[language] = (
            between.join(parts or ["理由待写" if chinese else "the reason is still to be written"]) + stop
        )
    return reasons


def _read(files: Mapping[str, bytes], file: str, data: bytes, rule_id: str) -> Rule:
    """The rule as the reader of rule files takes it.

    Raises:
        RuleFileError: with everything that is wrong with what was given.
    """
    from callpolicy.rulefile.loading import read_bundle_files

    bundle, findings = read_bundle_files({**files, file: data})
    if bundle is None:
        # WHY no place: the author has not seen this file, and never will.
        raise RuleFileError(tuple(replace(each, span=None, excerpt="") for each in findings))
    return bundle.rule(rule_id)


def _with_schema(folder: Path, text: str) -> str:
    """The file with the schema where its norm has it, or without that line."""
    first, _, rest = text.partition("\n")
    for up in ("..", "../.."):
        if (folder / up.removeprefix("..").lstrip("/") / "schemas" / "rule.schema.json").is_file():
            return f"{first.partition('$schema=')[0]}$schema={up}/schemas/rule.schema.json\n{rest}"
    return rest


def _new_findings(before: Bundle, after: Bundle, *, drafted: bool) -> tuple[Finding, ...]:
    """What is wrong with the norm that was not wrong without the rule."""
    known = {(each.code, each.message) for each in _findings(before, drafted)}
    # WHY not that one: it is said by itself, of every condition that no call fulfils.
    return tuple(
        each for each in _findings(after, drafted) if (each.code, each.message) not in known and each.code != _NEVER
    )


def _findings(bundle: Bundle, drafted: bool) -> tuple[Finding, ...]:
    from callpolicy.check import check_bundle
    from callpolicy.trials import try_examples, try_scenarios

    static = check_bundle(bundle, today=datetime.now(UTC).date())
    # WHY: a draft decides nothing, so that no scenario can come out otherwise.
    return (*static, *try_examples(bundle), *(() if drafted else try_scenarios(bundle)))


def _write(path: Path, data: bytes) -> None:
    from callpolicy.cli.outputs import whole_file

    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as stream:
        stream.write(data)


def _tell(made: _Made, folder: Path, as_json: bool, language: Language) -> None:
    from callpolicy.cli.check import show_findings
    from callpolicy.cli.terminal import show, show_json

    path = (folder / made.file).as_posix()
    if as_json:
        findings = [
            {"code": each.code, "severity": str(each.severity), "message": each.message} for each in made.findings
        ]
        show_json(
            {
                "id": made.rule.id,
                "file": path,
                "written": not made.errors,
                "status": str(made.rule.status),
                "examples": len(made.rule.examples),
                "findings": findings,
            }
        )
        return
    # WHY no place where nothing is written: the author would look for a file that is not there.
    unplaced = (replace(each, span=None, excerpt="") for each in made.findings)
    show_findings(unplaced if made.errors else made.findings, folder)
    if made.errors:
        show(_text("refused", language, count=made.errors))
    else:
        show(_text("written", language, file=path, examples=len(made.rule.examples)))
        show(_text("next", language, folder=folder.as_posix()))


def _text(key: str, language: Language, **values: object) -> str:
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


new = typer.Typer(help="Start something new in a norm: a rule.", rich_markup_mode=None)
"""The group `callpolicy new`."""

register(
    new,
    {
        "rule": (
            new_rule,
            "Write a rule file with examples made from its condition.",
            (
                "callpolicy new rule insults_again --dir my-norm --stage hangup --effect warn \\",
                "    --when 'caller.class is nuisance' --when 'talk.warnings at_most 0'",
            ),
        )
    },
)
