"""The command line as a person reaches it: in this process, or as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callpolicy.cli.commands import app

REPO = Path(__file__).parents[2]
PLAIN = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C.UTF-8", "COLUMNS": "160"}

Run = Callable[..., Any]


@pytest.fixture
def norm() -> Path:
    """A small norm that is sound: one rule in each stage, one lexicon, one scenario."""
    return Path(__file__).parent / "norm"


@pytest.fixture
def run() -> Run:
    """Run a command in this process; gives exit_code, stdout and stderr."""

    def invoke(*words: object, language: str = "en", columns: int = 160, **more: Any) -> Any:
        env = PLAIN | {"LANG": "zh_CN.UTF-8" if language == "zh-CN" else "C.UTF-8", "COLUMNS": str(columns)}
        return CliRunner().invoke(app, [str(word) for word in words], env=env, **more)

    return invoke


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Start `python -m callpolicy` as a process of its own."""

    def popen(*words: object, **more: Any) -> subprocess.Popen[bytes]:
        env = {**os.environ, **PLAIN, "PYTHONPATH": str(REPO / "src"), **more.pop("env", {})}
        command = [sys.executable, "-m", "callpolicy", *(str(word) for word in words)]
        prepare = more.pop("preexec_fn", None)

        def prepared() -> None:
            # WHY: a shell lets what it runs in the background ignore interrupts, and a child would inherit that.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if prepare:
                prepare()

        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.Popen(command, cwd=REPO, env=env, preexec_fn=prepared, **streams)  # noqa: PLW1509 - no threads

    return popen
