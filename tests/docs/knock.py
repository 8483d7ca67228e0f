"""`callpolicy` where a warm process stands behind: hands over words, folder, environment and streams, ends as it ends.

Started as `python -I -S knock.py DOOR WORD…`; see `tests.docs.warm`.
"""

import os
import signal
import socket
import sys

NOT_ANSWERED = 70


def knock(door: str, words: list[str]) -> int:
    """Have a command run; gives its exit status, negative for the signal that ended it."""
    settings = [f"{name}={value}" for name, value in os.environ.items()]
    parts = [os.getcwd(), str(len(words)), *words, *settings]  # noqa: PTH109 - pathlib takes as long as all else here
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(door)
        socket.send_fds(line, [b"!"], [0, 1, 2])
        line.sendall("\0".join(parts).encode("utf-8", "surrogateescape"))
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(16)
    return int(answer) if answer else NOT_ANSWERED


if __name__ == "__main__":
    status = knock(sys.argv[1], sys.argv[2:])
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)
