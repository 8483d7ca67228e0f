"""The table of seeded faults: which tool of the rule developer's bench finds which.

Every file of `tests/faults` puts one fault into the starter norm, in memory. `check`, `test`, `prove`, `analyse` and
`diff` look at each; `python -m scripts.faults --write` writes what they say into `docs/faults.md` and its Chinese page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML

from callpolicy.analysis.findings import analyse
from callpolicy.analysis.proving import prove
from callpolicy.changes import compare_meaning, move_text, region_text, remarks
from callpolicy.check import check_bundle
from callpolicy.errors import Finding, Severity
from callpolicy.policy import Bundle
from callpolicy.reports.finding_words import finding_in_words
from callpolicy.rulefile import loading
from callpolicy.rulefile.folder import read_files
from callpolicy.trials import try_examples, try_scenarios

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "tests" / "faults"
EN: Final = "en"
ZH: Final = "zh-CN"
Told: TypeAlias = tuple[Finding, Finding]
PAGES: Final = {EN: ROOT / "docs" / "faults.md", ZH: ROOT / "docs" / "faults.zh-CN.md"}

# WHY kept: a fault changes a file or two, and reading the others takes longer than anything that is done with them.
vars(loading)["read_document"] = cache(vars(loading)["read_document"])


class Mark(StrEnum):
    """What a tool makes of a fault."""

    FOUND = "●"
    """It fails, and says why."""

    TOLD = "○"
    """It says what is new, and does not fail."""

    NOTHING = "–"
    """It was run and says nothing."""

    NOT_RUN = "⊘"
    """The norm cannot be loaded, so that there is nothing to run it on."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one file.

    Args:
        file: path in the folder of the norm.
        old: a text that stands there once; `None` for the whole file.
        new: what stands there instead; `None`, with `old` being `None`, if the file is removed.
    """

    file: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is put into the starter norm.

    Args:
        name: stem of its file.
        title: what is wrong, by language.
        norm: point of the norm that is broken; empty if none is.
        names: rule, file or fact that has to be named by one of the messages.
        edits: how it is made.
    """

    name: str
    title: Mapping[str, str]
    norm: str
    names: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one tool makes of one fault.

    Args:
        mark: whether it found it.
        message: the first thing it says, by language; empty if it says nothing.
    """

    mark: Mark
    message: Mapping[str, str]


NOTHING: Final = Seen(Mark.NOTHING, {})
NOT_RUN: Final = Seen(Mark.NOT_RUN, {})


def read_faults() -> tuple[Fault, ...]:
    """Every fault, by name."""
    return tuple(_fault(path) for path in sorted(FOLDER.glob("*.yaml")))


def _fault(path: Path) -> Fault:
    tree: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    edits = tuple(Edit(each["file"], each["old"], each["new"]) for each in tree.pop("edits"))
    return Fault(name=path.stem, norm=str(tree.pop("norm", "")), edits=edits, **tree)


@cache
def starter() -> tuple[Mapping[str, bytes], Bundle]:
    """The files of the starter norm, and the norm."""
    files, faults = read_files(ROOT / "rules")
    assert not faults
    return files, loading.load_bundle_files(files)


def applied(fault: Fault, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a norm with the fault in them.

    Raises:
        ValueError: a text does not stand exactly once where it is to be replaced, or a file is there already.
    """
    changed = dict(files)
    for edit in fault.edits:
        if edit.old is not None:
            text = changed[edit.file].decode()
            if text.count(edit.old) != 1:
                raise ValueError(f"`{fault.name}`: `{edit.old}` stands {text.count(edit.old)} times in `{edit.file}`")
            changed[edit.file] = text.replace(edit.old, edit.new or "").encode()
        elif edit.new is None:
            del changed[edit.file]
        elif edit.file in changed:
            raise ValueError(f"`{fault.name}`: `{edit.file}` is there already")
        else:
            changed[edit.file] = edit.new.encode()
    return changed


def look(fault: Fault | None, tools: Sequence[str] | None = None) -> dict[str, Seen]:
    """What the tools make of a fault.

    Args:
        fault: the fault; `None` for the starter norm as it is.
        tools: which of `TOOLS` are asked; all of them if left out.
    """
    files, _ = starter()
    bundle, findings = loading.read_bundle_files(files if fault is None else applied(fault, files))
    names = tuple(TOOLS) if tools is None else tools
    if bundle is None:
        told = _first((each, finding_in_words(each, ZH)) for each in findings)
        return {name: told if name == "check" else NOT_RUN for name in names}
    return {name: TOOLS[name](bundle) for name in names}


def _by_check(bundle: Bundle) -> Seen:
    before = {(each.code, each.message) for each in check_bundle(starter()[1])}
    return _first(
        (each, finding_in_words(each, ZH)) for each in check_bundle(bundle) if (each.code, each.message) not in before
    )


def _by_test(bundle: Bundle) -> Seen:
    return _first(_failing(bundle))


def _failing(bundle: Bundle) -> Iterator[Told]:
    yield from zip(try_examples(bundle), try_examples(bundle, ZH), strict=True)
    for scenario in bundle.scenarios:
        alone = replace(bundle, scenarios=(scenario,))
        if found := try_scenarios(alone):
            yield from zip(found, try_scenarios(alone, ZH), strict=True)


def _first(findings: Iterable[Told]) -> Seen:
    note = None
    for each in findings:
        if each[0].severity is not Severity.NOTE:
            return _finding(each, Mark.FOUND)
        note = note or each
    return _finding(note, Mark.TOLD) if note else NOTHING


def _finding(told: Told, mark: Mark) -> Seen:
    place = f"{told[0].span.file}: " if told[0].span else ""
    return Seen(mark, {language: place + each.message for language, each in zip((EN, ZH), told, strict=True)})


_STANDING: Final = {
    "broken": ("a possible call breaks invariant `{name}`", "有来电会违反底线规则 `{name}`"),
    "unsupported": ("invariant `{name}` cannot be proved", "底线规则 `{name}` 无法证明"),
    "by_guard": (
        "invariant `{name}` was kept by the rules alone; now it has to step in on some calls",
        "底线规则 `{name}` 原先仅凭规则即可保证，现在有来电要靠它拦下",
    ),
    "gone": ("invariant `{name}` is gone, so that it is not proved", "底线规则 `{name}` 已不存在，无从证明"),
    "sequence": (
        "nuisance is hung up on without a warning and an offence after it: {name}",
        "无价值来电没有提醒、或提醒后没有再犯，就被挂机：{name}",
    ),
}


def _by_prove(bundle: Bundle) -> Seen:
    """What `callpolicy prove` says. All that is known here of its results stands in this function."""
    before = _kept()
    came = prove(bundle)
    standings = {each.invariant.id: str(each.standing) for each in came.invariants}
    for key in ("broken", "unsupported"):
        for name, standing in standings.items():
            if standing == key:
                return _said(Mark.FOUND, key, name)
    if not came.sequences.proved:
        events = " → ".join(each.name for each in came.sequences.sequence)
        facts = came.sequences.possible.values if came.sequences.possible else {}
        return _said(Mark.FOUND, "sequence", events or ", ".join(f"{fact}={facts[fact]}" for fact in sorted(facts)))
    for name, standing in before.items():
        if standings.get(name, "gone") == "gone":
            return _said(Mark.TOLD, "gone", name)
        if standings[name] == "by_guard" != standing:
            return _said(Mark.TOLD, "by_guard", name)
    return NOTHING


@cache
def _kept() -> Mapping[str, str]:
    return {each.invariant.id: str(each.standing) for each in prove(starter()[1]).invariants}


def _said(mark: Mark, key: str, name: str) -> Seen:
    english, chinese = _STANDING[key]
    return Seen(mark, {EN: english.format(name=name), ZH: chinese.format(name=name)})


def _by_analyse(bundle: Bundle) -> Seen:
    """What `callpolicy analyse` says. All that is known here of its results stands in this function."""
    came = analyse(bundle)
    for each in came.findings:
        return Seen(Mark.FOUND, {language: each.sentence[language] for language in (EN, ZH)})
    for what in came.unsupported:
        return Seen(Mark.FOUND, dict.fromkeys((EN, ZH), f"{what.what}: `{what.fact}`"))
    return NOTHING


def _by_diff(bundle: Bundle) -> Seen:
    """What `callpolicy diff` says. All that is known here of its results stands in this function."""
    came = compare_meaning(starter()[1], bundle)
    # WHY the last: the first says only that something differs, the ones after it say what.
    told = {language: [*remarks(came, language), ""][-2:][0].strip(" -") for language in (EN, ZH)}
    if not came.regions:
        mark = Mark.NOTHING if came.proved_same and not came.beyond else Mark.TOLD if came.proved_same else Mark.FOUND
        return Seen(mark, told) if mark is not Mark.NOTHING else NOTHING
    region = came.regions[0]
    return Seen(
        Mark.FOUND,
        {
            language: f"{region_text(region, bundle.catalogue, language)} {move_text(region.moves[0], language)}"
            for language in (EN, ZH)
        },
    )


TOOLS: Final[Mapping[str, Callable[[Bundle], Seen]]] = {
    "check": _by_check,
    "test": _by_test,
    "prove": _by_prove,
    "analyse": _by_analyse,
    "diff": _by_diff,
}


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    EN: {
        "head": """# Seeded faults: which tool finds which

[中文](faults.zh-CN.md)

Each of these {count} faults is put into the starter norm by itself, as a slip of the pen would. Then every tool of the
rule developer's bench looks at the norm: `callpolicy check`, `test`, `prove`, `analyse`, and `diff` against the norm
without the fault. The faults are files in [`tests/faults`](../tests/faults). The tests beside them hold this table to
what the tools find, and see that every fault is found and that the untouched norm has no finding.

- ● the tool names it: an error or a warning, a broken proof, a call that is decided otherwise, a part
  that makes the facts
- ○ the tool tells something new beside: a note, an invariant that has to step in, other texts
- – the tool says nothing
- ⊘ the tool is not run: the norm cannot be loaded, and every command says what `check` says

`diff` shows what a change does. Whether that is a fault is for the reader to say: it shows an intended change alike.

What changes no decision is found by no tool: an invariant that asks for less, while the rules still keep all of it.
""",
        "fault": "fault",
        "norm": "norm",
        "sum": "found",
        "said": "## What they say\n\nThe first thing that each tool says.\n",
        "colon": ": ",
        "foot": "The page is written by `python -m scripts.faults --write`.",
    },
    ZH: {
        "head": """# 埋设的错误：哪种工具能发现

[English](faults.md)

下面 {count} 个错误逐个埋进起始规范，每次一个，就像改规范时一时手误。随后由规则开发的各种工具检查：
`callpolicy check`、`test`、`prove`、`analyse`，以及与原规范对比的 `diff`。错误都放在
[`tests/faults`](../tests/faults)。同一处的测试保证：本表与工具的实际结果一致，每个错误都有工具发现，未改动的规范没有任何问题。

- ● 工具明确指出：错误或警告、证明被推翻、有来电的决定因此不同、事实的来源有改动
- ○ 工具另有新的提示：一条说明、一条底线规则要出面拦下、文字不同
- – 工具没有提示
- ⊘ 工具没有运行：规范无法加载，任何命令给出的都是 `check` 的那条提示

`diff` 说明改动带来什么变化，是不是错误要由看的人判断：有意的改动，它也同样列出。

不影响任何决定的改动，没有工具能发现：例如底线规则放松了，而各条规则仍然守得住。
""",
        "fault": "错误",
        "norm": "规范条款",
        "sum": "发现",
        "said": "## 各工具的提示\n\n每种工具只列第一条。`check` 和 `test` 的提示只有英文。\n",
        "colon": "：",
        "foot": "本页由 `python -m scripts.faults --write` 生成。",
    },
}


def page(language: str, found: Mapping[str, Mapping[str, Seen]], faults: Sequence[Fault]) -> str:
    """The page of a language: the table of marks, then what the tools say."""
    words = _WORDS[language]
    lines = [words["head"].format(count=len(faults)), _row([words["fault"], words["norm"], *TOOLS])]
    lines.append(_row(["---"] * (len(TOOLS) + 2)))
    for fault in faults:
        link = f"[{fault.title[language]}](../tests/faults/{fault.name}.yaml)"
        lines.append(_row([link, fault.norm, *(found[fault.name][tool].mark for tool in TOOLS)]))
    counts = [sum(seen[tool].mark is Mark.FOUND for seen in found.values()) for tool in TOOLS]
    lines += [_row([words["sum"], "", *map(str, counts)]), "", words["said"]]
    for fault in faults:
        lines += [f"### {fault.title[language]}", ""]
        lines += [
            f"- {seen.mark} `{tool}`{words['colon']}{' '.join(seen.message[language].split()).replace('<', '&lt;')}"
            for tool, seen in found[fault.name].items()
            if seen.message
        ]
        lines.append("")
    return "\n".join([*lines, words["foot"], ""])


def marks_of(text: str) -> dict[str, tuple[Mark, ...]]:
    """The marks in the table of a page, by the name of the fault, in the order of `TOOLS`."""
    found = {}
    for line in text.splitlines():
        _, link, rest = line.partition("](../tests/faults/")
        name, dot, cells = rest.partition(".yaml) | ")
        if link and dot and line.startswith("| ["):
            found[name] = tuple(Mark(cell.strip()) for cell in cells.split("|")[1:-1])
    return found


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at the faults and print the marks, or write the pages."""
    parser = argparse.ArgumentParser(prog="python -m scripts.faults", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the pages in docs")
    parser.add_argument("--only", action="append", metavar="NAME", help="look at this fault alone; may be repeated")
    parser.add_argument("--tool", action="append", choices=list(TOOLS), help="ask this tool alone; may be repeated")
    given = parser.parse_args(arguments)
    faults = tuple(each for each in read_faults() if not given.only or each.name in given.only)
    if given.write and (given.only or given.tool):
        parser.error("the pages are written of all faults and all tools")
    found = {}
    for fault in faults:
        found[fault.name] = look(fault, given.tool)
        print(fault.name, *(seen.mark for seen in found[fault.name].values()), flush=True)
        if not given.write:
            for tool, seen in found[fault.name].items():
                print(f"    {tool}: {seen.message.get(EN, '')}")
    if given.write:
        for language, path in PAGES.items():
            path.write_text(page(language, found, faults), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
