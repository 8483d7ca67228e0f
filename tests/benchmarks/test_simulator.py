"""The benchmark of the simulator: it makes the day that it says it makes."""

from benchmarks.simulator import measure_day


def test_a_small_run_gives_every_figure() -> None:
    found = measure_day(1)

    assert 2_700 < found["calls"] < 3_600
    assert found["day_s"] > 0
