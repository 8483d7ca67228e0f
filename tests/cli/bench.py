"""The commands of rule developers, on an app of their own."""

from __future__ import annotations

from typing import Any

import typer
from typer.testing import CliRunner

from callpolicy.cli.commands import Commands
from callpolicy.cli.grouping import register
from callpolicy.cli.new_rule import new
from callpolicy.cli.run_tests import COMMANDS
from tests.cli.conftest import PLAIN

APP = typer.Typer(cls=Commands, rich_markup_mode=None)
register(APP, COMMANDS)
APP.add_typer(new, name="new")


def bench(*words: object, language: str = "en") -> Any:
    """Run one of them in this process; gives exit_code, stdout and stderr."""
    env = PLAIN | {"LANG": "zh_CN.UTF-8" if language == "zh-CN" else "C.UTF-8"}
    return CliRunner().invoke(APP, [str(word) for word in words], env=env)
