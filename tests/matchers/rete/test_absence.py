"""A machine without durable_rules (no compiler, Python 3.13+) has no second opinion, and says so."""

import os
import subprocess
import sys

WITHOUT = """
import sys

sys.modules["durable_rules_engine"] = None  # what an import then raises is an ImportError
from callpolicy.condition import Leaf, Op
from callpolicy.errors import UnsupportedConditionError
from callpolicy.facts import Catalogue
from callpolicy.matchers.rete import available, compile_rete

assert not available()
try:
    compile_rete([Leaf("a", Op.IS, 1)], Catalogue([]))
except UnsupportedConditionError as error:
    sys.exit(str(error))
"""


def test_a_machine_without_durable_rules_says_so_and_refuses() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr.startswith("the rete matcher needs durable_rules, which does not import here: ")
