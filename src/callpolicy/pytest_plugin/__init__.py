"""The pytest plugin: examples and scenarios of a norm as tests, and fixtures to write one's own.

A norm is named by its folder: `callpolicy_rules = rules` in the ini file, or `--callpolicy-rules DIR`; several are
allowed. Where none is named the plugin does nothing but offer its fixtures, and loads nothing of callpolicy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from callpolicy.policy import Bundle
    from callpolicy.pytest_plugin.calls import Clock, TriedCall
    from callpolicy.pytest_plugin.items import NormFile, NormFolder
    from callpolicy.runtime import Engine

_OPTION: Final = "callpolicy_rules"
FOLDERS: Final = pytest.StashKey[tuple[Path, ...]]()
"""The folders of the norms that were named."""

WANTED: Final = pytest.StashKey[tuple[Path, ...]]()
"""Those of them that this run is about."""

VISITED: Final = pytest.StashKey[set[Path]]()
"""Those that collecting came to."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how norms are named."""
    group = parser.getgroup("callpolicy", "call policy")
    text = "folder of a norm whose examples and scenarios are tests; may be repeated"
    group.addoption("--callpolicy-rules", dest=_OPTION, action="append", default=[], metavar="DIR", help=text)
    parser.addini(_OPTION, type="paths", default=[], help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Find out which norms this run is about, and see that pytest goes there."""
    here = config.invocation_params.dir
    asked = [Path(os.path.abspath(here / each)) for each in config.getoption(_OPTION)]  # noqa: PTH100 - links stay
    # WHY absolute: the processes of xdist get this option, and may stand elsewhere.
    setattr(config.option, _OPTION, [str(each) for each in asked])
    declared = [Path(os.path.abspath(each)) for each in config.getini(_OPTION)]  # noqa: PTH100 - links stay
    folders = tuple(dict.fromkeys((*asked, *declared)))
    for folder in folders:
        if not folder.is_dir():
            raise pytest.UsageError(f"`{folder.name}` is no folder; name the folder of a norm, with its `policy.yaml`")
    explicit = config.args_source is config.ArgsSource.ARGS
    wanted = tuple(dict.fromkeys(asked)) if explicit else folders
    config.stash[FOLDERS] = folders
    config.stash[VISITED] = set()
    config.stash[WANTED] = wanted
    for folder in wanted:
        # WHY not always: pytest before 9 collects `a/b` alone where it is given `a` and `a/b`.
        if not any(folder.is_relative_to(_place(here, each)) for each in config.args):
            config.args.append(str(folder))


def _place(here: Path, argument: str) -> Path:
    return Path(os.path.abspath(here / argument.partition("::")[0]))  # noqa: PTH100 - links stay as they are named


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> NormFolder | None:
    """Collect the folder of a norm as one."""
    if path not in parent.config.stash[FOLDERS]:
        return None
    from callpolicy.pytest_plugin.items import NormFolder  # noqa: PLC0415  # WHY: only where a norm is named

    made: NormFolder = NormFolder.from_parent(parent, path=path)
    return made


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NormFile | None:
    """Collect a YAML file of a norm."""
    folder = next((each for each in parent.config.stash[FOLDERS] if file_path.is_relative_to(each)), None)
    if folder is None or file_path.suffix != ".yaml":
        return None
    from callpolicy.pytest_plugin.items import NormFile  # noqa: PLC0415  # WHY: only where a norm is named

    made: NormFile = NormFile.from_parent(parent, path=file_path, folder=folder)
    return made


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail if pytest was kept from a norm that was named: nothing tested is never green."""
    config = session.config
    # WHY: who leaves a folder out by an option of pytest wants that.
    if hasattr(config, "workerinput") or session.shouldfail or session.shouldstop or config.getoption("ignore"):
        return
    if config.getoption("ignore_glob") or getattr(config.option, "numprocesses", None) or _is_controller(config):
        return
    for folder in config.stash[WANTED]:
        if folder not in config.stash[VISITED]:
            raise pytest.UsageError(f"nothing was collected from the norm in `{folder.name}`; see `norecursedirs`")


def _is_controller(config: pytest.Config) -> bool:
    """Whether the processes of xdist collect, and this one does not."""
    return getattr(config.option, "dist", "no") != "no"


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Name the norms at the top of the run."""
    return [f"callpolicy: {', '.join(each.name for each in config.stash[FOLDERS])}"] if config.stash[FOLDERS] else []


@pytest.fixture(scope="session")
def bundle(pytestconfig: pytest.Config) -> Bundle:
    """The norm under test: the first that was named, or the starter norm if none was.

    Write a fixture of the same name to test another one.
    """
    from callpolicy.rulefile import load_bundle, starter_norm  # noqa: PLC0415  # WHY: only for whoever asks

    folders = pytestconfig.stash[FOLDERS]
    return load_bundle(folders[0]) if folders else starter_norm()


@pytest.fixture
def clock(bundle: Bundle) -> Clock:
    """A clock that goes on when it is told to: Monday, 2 March 2026, 10:00 where the centre is."""
    from callpolicy.pytest_plugin.calls import Clock, monday  # noqa: PLC0415  # WHY: only for whoever asks

    return Clock(monday(bundle.settings.time_zone))


@pytest.fixture
def engine(bundle: Bundle, clock: Clock) -> Iterator[Engine]:
    """An engine of that norm, in memory, on that clock."""
    from callpolicy.runtime import Engine  # noqa: PLC0415  # WHY: only for whoever asks

    with Engine(bundle, clock=clock) as made:
        yield made


@pytest.fixture
def call(engine: Engine, clock: Clock) -> TriedCall:
    """A call of that engine; the first thing that happens on it offers and answers it, unless that is `offer`."""
    from callpolicy.pytest_plugin.calls import TriedCall  # noqa: PLC0415  # WHY: only for whoever asks

    return TriedCall(engine, clock)
