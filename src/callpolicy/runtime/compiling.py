"""The matchers that an engine can run on, by their names."""

from __future__ import annotations

from typing import Final

from callpolicy.errors import UsageError
from callpolicy.matchers.base import Compile
from callpolicy.matchers.reference import compile_reference

MATCHERS: Final = ("indexed", "reference", "rete")
"""The matchers that an engine can run on."""


def compiler(matcher: str) -> Compile:
    """How conditions are compiled for a matcher, by its name.

    Raises:
        UsageError: there is no such matcher.
    """
    match matcher:
        case "indexed":
            from callpolicy.matchers.indexed import compile_indexed  # noqa: PLC0415  # WHY: only the matcher in use

            return compile_indexed
        case "reference":
            return compile_reference
        case "rete":
            from callpolicy.matchers.rete import compile_rete  # noqa: PLC0415  # WHY: needs a compiled extension

            return compile_rete
        case _:
            raise UsageError(f"there is no matcher `{matcher}`; there are {', '.join(MATCHERS)}")
