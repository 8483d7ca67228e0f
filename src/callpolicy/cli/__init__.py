"""The command line: parse, call one function, render.

Exit codes: 0 fine, 1 findings or failed cases, 2 wrong usage or unreadable input, 3 our bug, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        args: the words after `callpolicy`; those of the process if left out.

    Returns:
        the exit code.
    """
    from callpolicy.cli.commands import run

    return run(args)
