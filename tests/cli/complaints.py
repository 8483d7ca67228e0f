"""A complaint in a file of SQLite: calls by a real engine under the starter norm, told in short."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from callpolicy import Engine
from callpolicy.decision import Decision
from callpolicy.rulefile import load_bundle, starter_folder
from callpolicy.runtime.desk import Desk
from callpolicy.stores import open_store

STARTER = load_bundle(starter_folder())
# Loads much faster than the starter norm; for what does not hang on rules.
SMALL = Path(__file__).parent / "norm"

MINUTE = 60_000_000
DAY = 1440 * MINUTE
# 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
START = 1_772_413_200_000_000
CALLER = "+86 138 0013 8000"
MASKED = "+86138******00"
DESK = ("--as", "wang", "--role", "complaint_desk")
QUALITY = ("--as", "wang", "--role", "quality_desk")
Run = Callable[..., Any]


def nine(day: int) -> str:
    """Nine o'clock in Shanghai, some days after the first one, as `--at` takes it."""
    return f"2026-03-{2 + day:02}T09:00:00+08:00"


class Complaint:
    """One store, and what happens in it.

    Args:
        folder: where its file is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'desk.db'}"
        self.small: tuple[object, ...] = ("--rules", SMALL, "--store", self.url)

    def call(
        self,
        call_id: str,
        day: int,
        agent: str,
        *said: tuple[str, str],
        case_id: str = "K-7",
        topic: str | None = None,
        known: bool = False,
    ) -> list[Decision]:
        """One call at nine of a day; each thing said is (event, text), a minute after the other.

        Args:
            known: whether the host tells the case as the call is offered.
        """
        begin = START + day * DAY
        facts = {"case.id": case_id} if known else {}
        with Engine(STARTER, store=self.url) as engine:
            call = engine.call(call_id)
            decisions = [
                call.offer(at=begin, number=CALLER, facts=facts),
                call.observe("answered", at=begin + 1, agent=agent),
                call.observe("case_linked", at=begin + 2, case_id=case_id),
            ]
            for place, (event, text) in enumerate(said, 1):
                more = {"topic": topic} if event == "explained" and topic else {}
                decisions.append(call.observe(event, at=begin + place * MINUTE, text=text, **more))
            decisions.append(call.end(at=begin + 9 * MINUTE, by="caller", cause="hang_up"))
        assert not any(decision.failed for decision in decisions)
        return decisions

    def desk(self, act: str, day: int, text: str) -> None:
        """Something that the desk records at nine of a day."""
        store = open_store(self.url)
        desk = Desk(store, STARTER)
        desk.tell_case(desk.actor("wang", ["complaint_desk"]), "K-7", act, text, at=START + day * DAY)
        store.close()

    def three_calls(self) -> None:
        """A complaint over three days, two of whose explanations are not accepted."""
        self._begin(0)

    def settled(self) -> None:
        """The same, with a final result by the desk on the fourth day."""
        self._begin(1)

    def reopened(self) -> None:
        """The same, with a new fact on the sixth day."""
        self._begin(2)

    def _begin(self, stage: int) -> None:
        for name, data in _made(stage).items():
            (self.folder / name).write_bytes(data)


@cache
def _made(stage: int) -> Mapping[str, bytes]:
    """The files of a store at a stage of the complaint; made once, for making tables takes its time."""
    with TemporaryDirectory() as folder:
        made = Complaint(Path(folder))
        made.call("c1", 0, "li", ("explained", "the fee is in the tariff"), ("explanation_rejected", "nobody told me"))
        made.call(
            "c2", 1, "zhou", ("explained", "合同第三条已经写明"), ("explanation_rejected", "我不认可"), topic="资费"
        )
        made.call("c3", 2, "chen", ("explained", "the complaint desk will look at it"))
        if stage > 0:
            made.desk("result", 3, "the fee is right, it is not paid back")
        if stage > 1:
            made.desk("new_fact", 5, "客户提供了 2024 年的缴费凭证")
        return {file.name: file.read_bytes() for file in made.folder.iterdir()}
