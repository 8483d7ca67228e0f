"""Laws of the house that no other tool holds: sizes, names, words, reasons, no path of one machine."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
MAX_LINES = 400
MODULE_NAMES_THAT_SAY_NOTHING = {
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utils",
}
# One word per thing: block, reject, decision, blocklist, allowlist, event, facts.
WORDS_NOT_USED = {
    "action", "actions", "ban", "banned", "bans", "blacklist", "blacklisted", "context", "contexts", "filter",
    "filtered", "filters", "manager", "managers", "payload", "payloads", "verdict", "verdicts", "whitelist",
}  # fmt: skip
# WHY joined: this file is searched too.
PATHS_OF_ONE_MACHINE = re.compile("/" + "(work|tmp|root|farm)/")
SUPPRESSION = re.compile(
    r"type:\s*ignore(\[[\w, -]*\])?|noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?|pragma:\s*no\s*(cover|branch)"
)
SHORTEST_REASON = 8


def repo_files() -> list[Path]:
    """List what is or would be committed; without git (a source archive) whatever stands there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPO, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        paths = [REPO / name for name in listed.stdout.split("\0") if name]
    else:
        tops = ("src", "tests", "benchmarks", "rules", "docs", "scripts")
        paths = [*REPO.glob("*"), *(path for top in tops for path in (REPO / top).rglob("*"))]
    return sorted({path for path in paths if path.is_file() and "__pycache__" not in path.parts})


FILES = repo_files()
MODULES = [path for path in FILES if path.suffix == ".py"]
SOURCES = [path for path in MODULES if path.is_relative_to(REPO / "src")]


def texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        try:
            yield str(path.relative_to(REPO)), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary fixture


def suppressions_without_reason(source: str) -> list[int]:
    """Find lines whose comment silences a check but names no rule or gives no reason."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or not SUPPRESSION.search(token.string):
            continue
        unnamed = re.search(r"type:\s*ignore(?!\[)|noqa(?!:)", token.string)
        reason = SUPPRESSION.sub("", token.string).strip("#-—: ")
        if unnamed or len(reason) < SHORTEST_REASON:
            found.append(token.start[0])
    return found


def words_of(identifier: str) -> set[str]:
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", identifier)
    return set(parts.lower().split("_"))


def names_given(source: str) -> Iterator[tuple[int, str]]:
    """Find the names that a module itself gives; what it calls others by is not its choice."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.alias(asname=str() as name):
                yield node.lineno, name
            case _:
                pass


def words_not_used(source: str) -> list[tuple[int, str]]:
    return [(line, name) for line, name in names_given(source) if words_of(name) & WORDS_NOT_USED]


def prints(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_the_searches_see_the_whole_house() -> None:
    assert REPO / "src" / "callpolicy" / "__init__.py" in SOURCES
    assert Path(__file__) in MODULES
    assert REPO / "pyproject.toml" in FILES


def test_a_module_is_one_room_of_at_most_400_lines() -> None:
    lengths = {name: len(text.splitlines()) for name, text in texts(MODULES)}

    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_a_module_name_says_what_is_inside() -> None:
    names = {str(path.relative_to(REPO)): {*path.relative_to(REPO).with_suffix("").parts} for path in MODULES}

    assert [name for name, parts in names.items() if parts & MODULE_NAMES_THAT_SAY_NOTHING] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{name}:{number}"
        for name, text in texts(FILES)
        if name != ".gitignore"
        for number, line in enumerate(text.splitlines(), 1)
        if PATHS_OF_ONE_MACHINE.search(line)
    ]

    assert found == []


def test_every_suppression_names_its_rule_and_carries_its_reason() -> None:
    found = [f"{name}:{line}" for name, text in texts(MODULES) for line in suppressions_without_reason(text)]

    assert found == []


def test_the_library_prints_nothing_by_itself() -> None:
    assert [f"{name}:{line}" for name, text in texts(SOURCES) for line in prints(text)] == []


def test_one_word_per_thing() -> None:
    found = [f"{name}:{line} {word}" for name, text in texts(SOURCES) for line, word in words_not_used(text)]

    assert found == []


@pytest.mark.parametrize(
    ("comment", "fine"),
    [
        ("# type: ignore[arg-type]  # the stub of phonenumbers says str", True),
        ("# type: ignore[arg-type]", False),
        ("# type: ignore  # the stub of phonenumbers says str", False),
        ("# noqa: PLR0911 one return per operator", True),
        ("# noqa: PLR0911, C901 - one return per operator", True),
        ("# noqa: PLR0911", False),
        ("# noqa one return per operator", False),
        ("# pragma: no cover - needs Python 3.13", True),
        ("# pragma: no cover", False),
        ("# an ordinary comment", True),
    ],
)
def test_the_search_for_suppressions_tells_a_reason_from_none(comment: str, fine: bool) -> None:
    assert suppressions_without_reason(f"x = 1  {comment}\n") == ([] if fine else [1])


@pytest.mark.parametrize(
    "source",
    [
        "def apply_action(): ...",
        "class CallContext: ...",
        "payload = 1",
        "def f(*, blacklist): ...",
        "import a as verdict",
    ],
)
def test_the_search_for_words_sees_every_kind_of_name(source: str) -> None:
    assert len(words_not_used(source)) == 1


def test_the_search_for_words_leaves_names_of_others_alone() -> None:
    assert words_not_used("x = filter(None, y.context)\nz = start_action_for_state(a, action=1)\n") == []


def test_the_search_for_prints_sees_a_call_and_no_mere_mention() -> None:
    assert prints('"""print(1)"""\nprint(2)\n') == [2]
