"""Every command and every code block of README and docs is run, in the order in which a reader meets it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.docs.warm import BLOCKS, warm

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if "adr" not in page.parts),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A reader does not run these: they are shown as they are.
SHOWN = {"text", "json"}
# Their commands start from nothing, as a reader's do; those of the others in a process that has all loaded.
COLD = {"README.md", "quickstart.md"}
# CI runs these itself, from the Makefile; that they exist is tested below.
MADE = re.compile(r"^make (demo|test|bench|fuzz|soak)\b")
# What a page says that a command shows. Source of the number: three independent engines over the same table.
ANSWERS = {"--rules docs/examples/third_call": r"calls 33344,(?s:.*)\bthird_call_in_30_minutes .*\b353\b"}


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [Block(match[1], match[2], text.count("\n", 0, match.start()) + 1) for match in FENCE.finditer(text)]


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """A folder with `callpolicy` for the path."""
    # WHY not a folder of pytest: the name of a socket has at most some hundred bytes.
    with tempfile.TemporaryDirectory(prefix="callpolicy-") as folder, warm(Path(folder)) as programs:
        yield programs


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader has it: the checkout's docs and rules beside, `callpolicy` on the path."""
    checkout = tmp_path / "callpolicy"
    checkout.mkdir()
    for name in ("docs", "rules"):
        (checkout / name).symlink_to(ROOT / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "callpolicy"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m callpolicy "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.chdir(checkout)
    return checkout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_works(
    page: Path, desk: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = ["python", "-W", "error", "-c"]
    if page.name not in COLD:
        python = [BLOCKS]
        programs: Path = request.getfixturevalue("programs")
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for block in blocks(page):
        place = f"{page.name}:{block.line}"
        match block.language:
            case "console":
                run_commands(block, place, desk, request)
            case "python":
                run([*python, block.text], place)
            case "yaml":
                write_yaml(block, place, desk)
            case language:
                assert language in SHOWN, f"{place}: a block of `{language}` is run by nothing"


def run_commands(block: Block, place: str, desk: Path, request: pytest.FixtureRequest) -> None:
    for line in block.text.splitlines():
        if not line.strip() or MADE.match(line):
            continue
        if "../shared/data" in line:
            data: Path = request.getfixturevalue("recorded_data")
            link = desk.parent / "shared"
            if not link.exists():
                link.mkdir()
                (link / "data").symlink_to(data.resolve())
            # WHY once: the page in the other language has the same line, and a month of calls takes its time.
            if not is_first(line, request.getfixturevalue("tmp_path_factory")):
                continue
        shown = run(["bash", "-c", line], f"{place}: {line}")
        for part, answer in ANSWERS.items():
            assert part not in line or re.search(answer, shown), f"{place}: {line}\n{shown}"


def is_first(line: str, folders: pytest.TempPathFactory) -> bool:
    """Whether no process of this test run has run a line yet."""
    base = folders.getbasetemp()
    # Source: documentation of pytest-xdist: the folders of all workers stand in one of the run.
    ours = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    try:
        (ours / f"ran-{sha256(line.encode()).hexdigest()[:16]}").mkdir()
    except FileExistsError:
        return False
    return True


def run(command: list[str], place: str) -> str:
    words = [sys.executable, *command[1:]] if command[0] == "python" else command
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, f"{place}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def write_yaml(block: Block, place: str, desk: Path) -> None:
    """A block that begins with a comment naming a file becomes that file; every block is YAML."""
    YAML(typ="safe", pure=True).load(block.text)
    first = block.text.splitlines()[0]
    if first.startswith("# my-norm/"):
        file = desk / first.removeprefix("# ")
        assert file.parent.parent.exists(), f"{place}: the page has not made `my-norm` yet"
        file.write_text(block.text, "utf-8")


def test_the_files_that_the_guide_writes_pass_check(desk: Path) -> None:
    for name in ("norm-authors-guide.md", "norm-authors-guide.zh-CN.md"):
        shutil.rmtree(desk / "my-norm", ignore_errors=True)
        run(["bash", "-c", "callpolicy init my-norm"], name)
        for block in blocks(ROOT / "docs" / name):
            if block.language == "yaml":
                write_yaml(block, name, desk)
        run(["bash", "-c", "callpolicy check my-norm"], name)


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {
        match[1] for page in PAGES for block in blocks(page) for match in re.finditer(r"^make (\w+)", block.text, re.M)
    }

    assert {"demo", "test"} <= named
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", FENCE.sub("", page.read_text("utf-8")))

    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert missing == []
