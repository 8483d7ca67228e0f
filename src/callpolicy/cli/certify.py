"""`callpolicy certify`: everything that can be found out of a norm before it goes live, in one file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment

if TYPE_CHECKING:
    from callpolicy.certificate import Certificate
    from callpolicy.policy import Bundle

_TEXTS = {
    "step": ("step", "步骤"),
    "came": ("what it came to", "结果"),
    "check": ("check", "检查"),
    "examples": ("examples", "示例"),
    "scenarios": ("scenarios", "场景"),
    "matchers": ("matchers", "匹配器"),
    "coverage": ("coverage", "覆盖"),
    "proofs": ("proofs", "证明"),
    "analysis": ("analysis", "分析"),
    "errors": ("errors: {errors}, warnings: {warnings}", "{errors} 个错误，{warnings} 个警告"),
    "crossed": (
        "{machines}: {snapshots} snapshots, {wrong} disagreements",
        "{machines}：{snapshots} 个快照，{wrong} 处不一致",
    ),
    "covered": ("{percent} %, gaps: {gaps}", "{percent} %，{gaps} 处缺口"),
    "proved": ("{proved} of {all} invariants, {how}", "{all} 条底线规则中 {proved} 条已证明，{how}"),
    "safe": ("no short sequence hangs up without a warning", "任何短的事件序列都不会未提醒就挂机"),
    "unsafe": ("a short sequence hangs up without a warning", "有短的事件序列未提醒就挂机"),
    "found": ("findings: {count}", "{count} 项发现"),
    "passed": ("The norm may go live.", "该规范可以启用。"),
    "refused": ("The norm must not go live:", "该规范不得启用："),
}


def certify(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.json", help="Write the certificate there.")] = None,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Check, try, cross-check, cover and prove a norm; exit code 1 if it must not go live."""
    from callpolicy.certificate import certify as make
    from callpolicy.cli.inputs import read_norm
    from callpolicy.cli.outputs import whole_file
    from callpolicy.cli.terminal import note, screen

    shown = language or language_of_environment()
    bundle = read_norm(folder)
    now = datetime.now(UTC)
    looked_at = not as_json and sys.stderr.isatty()
    with screen(stderr=True).status("") if looked_at else nullcontext() as status:
        made = make(
            bundle,
            at=int(now.timestamp()) * 1_000_000,
            today=now.date(),
            on_step=(lambda step: status.update(_say(step, shown))) if status is not None else None,
        )
    if to is not None:
        with whole_file(to) as out:
            out.write(made.to_json(shown))
        note(str(to))
    if as_json:
        typer.echo(made.to_json(shown).decode(), nl=False)
    else:
        _show(made, bundle, shown)
    if not made.passed:
        raise typer.Exit(FINDINGS)


def _say(key: str, language: Language, **values: object) -> str:
    return _TEXTS[key][language is Language.ZH].format(**values)


def _show(made: Certificate, bundle: Bundle, language: Language) -> None:
    from rich.text import Text

    from callpolicy.check import counts_of
    from callpolicy.cli.terminal import show, show_table
    from callpolicy.reports import Column, Table
    from callpolicy.rulefile.sources import masked

    counted = counts_of(bundle)
    columns = (Column(_say("step", language), whole=True), Column(_say("came", language)))
    rows = tuple((_say(name, language), _came(name, part, language)) for name, part in made.parts.items())
    show_table(Table("", columns, rows))
    if made.passed:
        show(Text(_say("passed", language), style="bold green"))
        return
    show(Text(_say("refused", language), style="bold red"))
    show(*(f"  {masked(each.told(language), counted)}" for each in made.refusals))


def _came(name: str, part: dict[str, Any], language: Language) -> str:
    if "missing" in part:
        from callpolicy.cli.usage_texts import in_words

        return in_words(str(part["missing"]), language)
    match name:
        case "matchers":
            wrong, machines = len(part["disagreements"]), " = ".join(part["machines"])
            return _say("crossed", language, machines=machines, snapshots=part["snapshots"], wrong=wrong)
        case "coverage":
            return _say("covered", language, **part)
        case "proofs":
            standing = part["invariants"].values()
            proved = sum(each in {"by_rules", "by_guard"} for each in standing)
            how = _say("safe" if part["sequences"]["proved"] else "unsafe", language)
            return _say("proved", language, proved=proved, all=len(standing), how=how)
        case "analysis":
            return _say("found", language, count=len(part["findings"]))
        case _:
            return _say("errors", language, **part)
