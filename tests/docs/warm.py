"""A process that has everything loaded and forks for each command.

Loading takes most of the time of most commands. Each still runs in a process of its own, with its own folder,
environment, streams and exit status.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import pkgutil
import random
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = b"ready\n"
BLOCKS = "blocks"


@contextlib.contextmanager
def warm(folder: Path) -> Iterator[Path]:
    """Start the process; gives a folder with the programs `callpolicy` and `blocks`, for the path.

    `blocks TEXT` runs Python that is given as text, with warnings as errors.

    Args:
        folder: an empty folder for it.
    """
    door = folder / "door"
    for name in ("callpolicy", BLOCKS):
        program = folder / name
        begin = f'exec "{sys.executable}" -I -S "{ROOT}/tests/docs/knock.py" "{door}" {name}'
        program.write_text(f'#!/bin/sh\n{begin} "$@"\n')
        program.chmod(0o755)
    command = [sys.executable, "-m", "tests.docs.warm", str(door)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == READY, "the warm process did not start"
            yield folder
        finally:
            process.kill()


def load() -> None:
    """Load all modules, the starter norm, and the copy that `callpolicy init` makes of it."""
    import callpolicy
    from callpolicy.cli import main
    from callpolicy.rulefile import starter_norm
    from tests.keeping import keep_documents

    for module in pkgutil.walk_packages(callpolicy.__path__, "callpolicy."):
        if not module.name.endswith("__main__") and "migrations" not in module.name:
            importlib.import_module(module.name)
    keep_documents()
    starter_norm()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        assert main(["init", f"{folder}/norm"]) == 0
        assert main(["check", f"{folder}/norm"]) == 0
    # WHY: a collection in a child would touch, and so copy, every page of this process.
    gc.collect()
    gc.freeze()


def serve(door: str) -> list[str]:
    """Wait for commands; comes back in the process of each, with the name of the program and its words."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(door)
        listening.listen()
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            line, _ = listening.accept()
            with line:
                if os.fork():
                    continue
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _, streams, _, _ = socket.recv_fds(line, 1, 3)
                with line.makefile("rb") as asked:
                    parts = asked.read().decode("utf-8", "surrogateescape").split("\0")
                if child := os.fork():
                    _, status = os.waitpid(child, 0)
                    line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                    os._exit(0)
            break
    return become(streams, parts)


def become(streams: list[int], parts: list[str]) -> list[str]:
    """Take on what the caller handed over; gives the words."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, count, *rest = parts
    words, settings = rest[: int(count)], rest[int(count) :]
    os.chdir(folder)
    os.environ.clear()
    for setting in settings:
        name, _, value = setting.partition("=")
        os.environ[name] = value
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, buffering, encoding="utf-8", closefd=False)  # noqa: SIM115 - they are left open
        for number, mode, buffering in ((0, "r", -1), (1, "w", -1), (2, "w", 1))
    )
    # WHY: every child would draw the same numbers.
    random.seed()
    return words


def run_block(text: str) -> None:
    """Run Python as `python -W error -c TEXT` does."""
    warnings.resetwarnings()
    warnings.simplefilter("error")
    # WHY a file: runpy is how Python itself runs one, and a fault is told with its line.
    with tempfile.TemporaryDirectory() as folder:
        block = Path(folder) / "block.py"
        block.write_text(text, "utf-8")
        runpy.run_path(str(block), run_name="__main__")


if __name__ == "__main__":
    load()
    sys.argv = serve(sys.argv[1])
    if sys.argv[0] == BLOCKS:
        run_block(sys.argv[1])
        sys.exit()
    from callpolicy.cli import main as begin

    sys.exit(begin())
