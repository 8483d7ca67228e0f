"""The exit codes (law 5 of the house)."""

from typing import Final

FINE: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
BUG: Final = 3
INTERRUPTED: Final = 130
"""As a shell gives it for SIGINT."""

PIPE_CLOSED: Final = 141
"""As a shell gives it for SIGPIPE."""
