"""`python -m benchmarks`: measure, and print the tables."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.measure import FULL, QUICK, Measured, measure
from benchmarks.report import grids, tree
from benchmarks.rounds import WrongAnswerError

BEGIN: Final = "<!-- measured: begin -->\n"
END: Final = "<!-- measured: end -->\n"


def main() -> int:
    """Run the benchmarks; the status is 1 if two engines gave different answers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small run, for a first look")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--seed", type=int, default=1, help="of the policies, snapshots and calls")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into a page, between its marks")
    given = parser.parse_args()
    telling = Console(stderr=True)
    with telling.status("starting") as status:
        try:
            measured = measure(QUICK if given.quick else FULL, given.seed, status.update)
        except WrongAnswerError as error:
            telling.print(f"the engines do not agree: {error}", style="red")
            return 1
    if given.write:
        write(given.write, measured)
    if given.json:
        json.dump(tree(measured), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        show(measured)
    return 0


def show(measured: Measured) -> None:
    """Print the tables."""
    console = Console()
    for grid in grids(measured):
        console.print(grid.rich())
    console.print(f"{measured.compared:,} questions were answered alike by all engines.")


def write(page: Path, measured: Measured) -> None:
    """Put the tables into a page, in place of those between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no marks `{BEGIN.strip()}` and `{END.strip()}`")
    tables = "\n".join(grid.markdown() for grid in grids(measured))
    said = f"{measured.compared:,} questions were answered alike by all engines.\n"
    page.write_text(f"{before}{begin}\n{tables}\n{said}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
