"""What a process of its own does for the tests: it has an engine on a store and obeys; see `tests.stores.processes`."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from callpolicy.errors import StoreError
from callpolicy.events import Judged, Offered
from callpolicy.points import Effect
from callpolicy.policy import STANDING_BLOCK
from callpolicy.runtime import Engine
from callpolicy.stores import open_store
from callpolicy.stores.sql import SqlStore, migrating
from tests.runtime.norms import START, norm

# WHY loaded: a child that becomes another user may not be able to read where the packages are.
LOADED = (migrating,)


class Told(NamedTuple):
    """A decision that the engine has returned.

    Args:
        call_id: of the call.
        seq: of the event.
        decision_id: of the decision.
        blocked: whether it made a block.
        at: when, by the clock that all processes share.
    """

    call_id: str
    seq: int
    decision_id: str
    blocked: bool
    at: float


def observed(engine: Engine, call_id: str, at: int, number: str) -> dict[str, object]:
    decision = engine.observe(Offered(call_id=call_id, seq=0, at=at, number=number))
    return {
        "call_id": call_id,
        "decision_id": decision.decision_id,
        "effect": str(decision.effect),
        "determining": list(decision.determining),
        "failed": list(decision.failed),
    }


def for_ever(engine: Engine, name: str, mouth: Connection) -> None:
    """Calls and judgements without end, each told when the engine has returned, with the instant at which it did."""
    number = 0
    while True:
        call_id, at = f"{name}-{number}", START + number
        # A new number every five calls: the third of them crosses the threshold of the norm.
        offered = Offered(call_id=call_id, seq=0, at=at, number=f"+1 212 555 {number // 5 % 10_000:04}")
        for event in (offered, Judged(call_id=call_id, seq=1, at=at + 1, class_="normal")):
            decision = engine.observe(event)
            if not decision.failed:
                blocked = decision.effect == Effect.REJECT and STANDING_BLOCK not in decision.determining
                told = Told(event.call_id, event.seq, decision.decision_id, blocked, time.monotonic())
                # WHY no buffer: what stands in one goes with the process, and would hide what the store lost.
                mouth.send(told)
        number += 1


def session(store: SqlStore) -> object:
    """What tells one connection to a server from another; nothing does for a file."""
    if store.database.engine.dialect.name == "sqlite":
        return None
    return store.database.read("SELECT pg_backend_pid()", {})[0][0]


def in_a_fork(work: Callable[[], bool]) -> int:
    """Do something in a process that inherits everything that is open; 0 if it went well."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def obey(engine: Engine, store: SqlStore, order: dict[str, Any], mouth: Connection) -> object:
    match order:
        case {"observe": [call_id, at, number]}:
            return observed(engine, call_id, at, number)
        case {"burst": calls, "from": begin}:
            time.sleep(max(0.0, begin - time.time()))
            return [observed(engine, *call) for call in calls]
        case {"name": text}:
            return store.keys.token(text)
        case {"lock": seconds}:

            def hold(_: object) -> None:
                mouth.send("locked")
                time.sleep(seconds)

            store.database.write(hold)
            return "free"
        case {"fork": [call_id, at, number]}:
            own = session(store)

            def work() -> bool:
                told = observed(engine, call_id, at, number)
                engine.flush()
                return not told["failed"] and (own is None or session(store) != own)

            return in_a_fork(work)
        case {"file_size": limit}:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit or resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return "limited"
        case {"for_ever": name}:
            for_ever(engine, name, mouth)
    raise AssertionError(order)


def live(url: str, user: int | None, named: dict[str, str | None], how: dict[str, Any], mouth: Connection) -> None:
    """Open the store as a user, say so, then obey until nobody asks any more."""
    for name, value in named.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    try:
        store = open_store(url)
    except StoreError as error:
        mouth.send(str(error))
        return
    engine = Engine(norm(), store=store, **how)
    mouth.send("ready")
    while True:
        mouth.send(obey(engine, store, mouth.recv(), mouth))
