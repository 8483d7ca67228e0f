"""The matchers that a machine has, by name; the first is the meaning."""

from collections.abc import Mapping
from typing import Final

import pytest

from callpolicy.matchers.base import Compile
from callpolicy.matchers.indexed import compile_indexed
from callpolicy.matchers.reference import compile_reference
from callpolicy.matchers.rete import available, compile_rete

OTHERS: Final[Mapping[str, Compile]] = {
    "indexed": compile_indexed,
    **({"rete": compile_rete} if available() else {}),
}
MACHINES: Final[Mapping[str, Compile]] = {"reference": compile_reference, **OTHERS}

needs_rete = pytest.mark.skipif(not available(), reason="durable_rules does not import here")
