"""The lists keep the precision and recall that docs/lexicons.md reports, within a margin."""

from pathlib import Path

import pytest

from callpolicy.lexicon import SignalFinder
from tools.tune_lexicon import false_hits, load_lexicons, measure

pytestmark = pytest.mark.recorded

# A list may lose this much by an edit before somebody must look: about one standard error of the recalls.
MARGIN = 0.04

# Measured on the reporting half: (signals, positive when, precision, recall).
MEASURED = (
    ("abuse", "ConvAbuse", "any annotator ≤ −1", 1.000, 0.242),
    ("abuse", "ConvAbuse", "majority ≤ −1", 0.969, 0.385),
    ("abuse", "ConvAbuse", "majority ≤ −2", 0.734, 0.534),
    ("abuse or sexual_harassment or threat", "ConvAbuse", "majority ≤ −1", 0.975, 0.491),
    ("sexual_harassment", "ConvAbuse", "majority", 0.938, 0.357),
    ("robocall", "robocalls against chats and ordinary calls", "is a robocall", 1.000, 0.956),
    ("robocall", "the same, wording not in the tuning half", "is a robocall", 1.000, 0.792),
)


def test_precision_and_recall_stay_above_their_floors(recorded_data: Path) -> None:
    scores = {
        (score.signal, score.data, score.label): score
        for score in measure(recorded_data, SignalFinder(load_lexicons()))
    }

    below = {
        (signal, label): (score.precision, score.recall)
        for signal, data, label, precision, recall in MEASURED
        for score in [scores[signal, data, label]]
        if score.precision < precision - MARGIN or score.recall < recall - MARGIN
    }
    assert below == {}


def test_the_halves_are_apart_and_every_text_is_in_one(recorded_data: Path) -> None:
    finder = SignalFinder(load_lexicons())
    tuning, reporting = measure(recorded_data, finder, tuning=True), measure(recorded_data, finder)

    assert tuning[0].n + reporting[0].n == 2_501
    assert tuning[0].positives + reporting[0].positives == 552


def test_no_robocall_is_taken_for_a_grave_offence(recorded_data: Path) -> None:
    rows = false_hits(recorded_data, SignalFinder(load_lexicons()))

    assert [row for row in rows if row[3]] == []
