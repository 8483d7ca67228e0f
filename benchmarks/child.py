"""The child process: one job, driven by requests over its pipes, so that what hangs or crashes takes nobody along.

Run as `python -m benchmarks.child KIND ARGUMENTS`, the arguments as a JSON list.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.jobs import Job, Matching, Observing

_STATM = Path("/proc/self/statm")


def resident() -> int | None:
    """Resident memory of this process in bytes; `None` where the system does not say."""
    if not _STATM.exists():
        return None
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _answer(job: Job, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "lap":
        return job.lap(request["regime"], request["start"], request["count"], request["seconds"])
    gc.collect()
    before = resident()
    seconds = job.load()
    gc.collect()
    after = resident()
    return {"seconds": seconds, "bytes": None if before is None or after is None else after - before}


def main() -> None:
    """Serve until the requests end."""
    # WHY: nothing but answers may reach the pipe, whoever prints.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    kind, arguments = sys.argv[1], json.loads(sys.argv[2])
    job: Job | None = None
    for line in sys.stdin:
        try:
            if job is None:
                job = Matching(*arguments) if kind == "matching" else Observing(*arguments)
            answer = _answer(job, json.loads(line))
        except Exception as error:  # WHY: whatever it is, it is the answer
            answer = {"fault": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    # WHY not a plain end: durable_rules leaves timer threads behind.
    os._exit(0)


if __name__ == "__main__":
    main()
