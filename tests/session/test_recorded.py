"""Customer ids as a real month of calls has them: none is made of ruined or missing ones."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from callpolicy.session.caller import read_customer


@pytest.mark.recorded
def test_ruined_and_missing_ids_of_a_bank_month_make_no_customer(recorded_data: Path) -> None:
    with (recorded_data / "anonymous_bank" / "1999-02.tsv").open(encoding="utf-8", newline="") as file:
        ids = [row["customer_id"] for row in csv.DictReader(file, delimiter="\t")]

    read = [read_customer(text) for text in ids]

    # By the data's own description: 33,344 calls, 13,786 with an id that is not 0, of which 21 are ruined.
    customers = Counter(customer for customer, _ in read if customer is not None)
    assert len(read) == 33_344
    assert sum(code == "unparsable" for _, code in read) == 21
    assert customers.total() == 13_786 - 21
    assert not [customer for customer in customers if "E" in customer]
