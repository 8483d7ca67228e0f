"""All tables of what is told in Chinese, put together; an English sentence stands in one of them only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from callpolicy.cli import (
    usage_bench,
    usage_desk,
    usage_inputs,
    usage_lists,
    usage_stores,
    usage_trail,
    usage_typed,
)

TABLES: Final = (usage_desk, usage_lists, usage_trail, usage_stores, usage_inputs, usage_typed, usage_bench)
"""The tables, by where their sentences come from."""

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {english: chinese for table in TABLES for english, chinese in table.SENTENCES.items()}
)
"""An English sentence → the Chinese one."""

PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {english: chinese for table in TABLES for english, chinese in table.PARTS.items()}
)
"""A part of an English sentence → the Chinese one."""
