"""`python -m benchmarks.simulator`: how long the simulator takes for its day of about three thousand calls."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from statistics import median
from time import process_time
from typing import Final

from rich.console import Console

from benchmarks.report import Grid
from callpolicy.simulator import Plan, simulate

MONDAY: Final = date(2026, 3, 2)
TARGET_S: Final = 3.0


def measure_day(times: int) -> dict[str, float]:
    """Make the default day some times over; in seconds of the processor."""
    took, calls = [], 0
    for _ in range(times):
        began = process_time()
        calls = len(simulate(Plan(1, MONDAY)).truth)
        took.append(process_time() - began)
    return {"calls": calls, "day_s": median(took)}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often the day is made; the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    found = measure_day(given.times)
    if given.json:
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        met = "yes" if found["day_s"] <= TARGET_S else "no"
        row = (f"a day of {found['calls']:,.0f} calls, s", f"{found['day_s']:.2f}", f"≤ {TARGET_S:g}", met)
        Console().print(Grid("The simulator", ("", "measured", "aimed at", "met"), (row,)).rich())
    return 0


if __name__ == "__main__":
    sys.exit(main())
