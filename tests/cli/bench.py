"""The commands of rule developers, run in this process."""

from __future__ import annotations

from typing import Any

from typer.testing import CliRunner

from callpolicy.cli.commands import app
from tests.cli.conftest import PLAIN


def bench(*words: object, language: str = "en") -> Any:
    """Run one of them in this process; gives exit_code, stdout and stderr."""
    env = PLAIN | {"LANG": "zh_CN.UTF-8" if language == "zh-CN" else "C.UTF-8"}
    return CliRunner().invoke(app, [str(word) for word in words], env=env)
