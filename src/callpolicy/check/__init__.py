"""Everything that can be wrong with a bundle as written, which no single file shows.

What a single file shows is refused when it is read (`callpolicy.rulefile`); whether examples hold is for
`callpolicy.trials`. Nothing here runs a rule: findings come from what is declared.
"""

from __future__ import annotations

from datetime import date

from callpolicy.check.conditions import look_at_conditions
from callpolicy.check.counts import counts_of
from callpolicy.check.declared import look_at_declared
from callpolicy.check.holding import Holding, holders
from callpolicy.check.keeping import look_at_keeping
from callpolicy.check.knowledge import always_known
from callpolicy.check.placing import in_order
from callpolicy.check.rows import Rows
from callpolicy.check.rules import look_at_rules
from callpolicy.errors import Finding
from callpolicy.policy import Bundle

__all__ = ["Holding", "Rows", "always_known", "check_bundle", "counts_of", "holders"]


def check_bundle(bundle: Bundle, *, today: date | None = None, rows: Rows | None = None) -> tuple[Finding, ...]:
    """Look at a bundle for everything that can be wrong with it as written.

    Args:
        bundle: a bundle that was read.
        today: the date against which reviews and holidays are looked at; left out, they are not.
        rows: where conditions were taken apart already, if another bundle over the same facts was looked at before.

    Returns:
        the findings, by file and place. With one of severity `error` the bundle is not to go live.
    """
    rows = rows or Rows(bundle.catalogue)
    findings = (
        *look_at_rules(bundle, today, rows),
        *look_at_conditions(bundle, rows),
        *look_at_declared(bundle, today),
    )
    return in_order((*findings, *look_at_keeping(bundle)))
