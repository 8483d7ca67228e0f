import pytest

from tools.tune_lexicon import Score, Text, any_abusive, majority, mostly_abusive, mostly_strong, wilson


def test_a_wilson_interval_is_that_of_the_textbook() -> None:
    # Source: Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_without_trials_nothing_is_known_about_a_share() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_precision_recall_and_f1_follow_from_the_counts() -> None:
    score = Score("abuse", "data", "label", n=100, positives=8, hits=4, right=3)

    assert score.precision == 3 / 4
    assert score.recall == 3 / 8
    assert score.f1 == pytest.approx(1 / 2)


def test_half_of_the_votes_is_no_majority() -> None:
    assert not majority([True, False])
    assert majority([True, True, False])
    assert not majority([])


def test_labels_read_the_severities_of_all_annotators() -> None:
    text = Text("1.0", "…", (-2, -1, 1))

    assert any_abusive(text)
    assert mostly_abusive(text)
    assert not mostly_strong(text)


def test_the_half_of_a_text_depends_on_its_id_alone() -> None:
    # `printf a | sha256sum` ends in bb, b in 9d, c in c6, e in ea, f in 11; even is the tuning half.
    assert [Text(name, "…").tuning for name in "abcef"] == [False, False, True, True, False]
