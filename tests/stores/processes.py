"""Real processes beside the test, each with an engine on the same store."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from callpolicy.stores.secret import NAMED_BY
from tests.stores.child import live

REPO: Final = Path(__file__).parents[2]
# WHY a fork server: it loads everything once, so that a process that is to be killed is there in no time.
_SERVER: Final = multiprocessing.get_context("forkserver")


_NAMED: Final = ("XDG_STATE_HOME", NAMED_BY)


class Child:
    """A process with an engine; see `tests.stores.child`.

    Args:
        url: the store.
        user: the number of the user that it runs as; `None` for whoever runs the tests.
        wait: whether to wait until it has opened the store; what it says then is in `said`.
        how: given to its engine.
    """

    def __init__(self, url: str, *, user: int | None = None, wait: bool = True, **how: Any) -> None:
        os.environ.setdefault("PYTHONPATH", os.pathsep.join([str(REPO / "src"), str(REPO)]))
        _SERVER.set_forkserver_preload([live.__module__])
        # WHY told: the fork server has the environment of the moment in which it began.
        named = {name: os.environ.get(name) for name in _NAMED}
        self._ear, mouth = _SERVER.Pipe()
        self.process = _SERVER.Process(target=live, args=(url, user, named, how, mouth), daemon=True)
        self.process.start()
        mouth.close()
        self.said = self.hear() if wait else None

    def __enter__(self) -> Child:
        assert self.said == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._ear.close()
        self.process.close()

    def tell(self, order: dict[str, Any]) -> None:
        """Give an order and do not wait."""
        self._ear.send(order)

    def hear(self) -> Any:
        """The next thing that it says."""
        return self._ear.recv()

    def ask(self, order: dict[str, Any]) -> Any:
        """Give an order and wait for the answer."""
        self.tell(order)
        return self.hear()

    def hear_for(self, seconds: float) -> list[Any]:
        """Everything that it says for a while."""
        until = time.monotonic() + seconds
        heard: list[Any] = []
        while (left := until - time.monotonic()) > 0:
            if self._ear.poll(left):
                heard.append(self._ear.recv())
        return heard

    def kill(self) -> list[Any]:
        """Kill it at once (SIGKILL); what it had said before that nobody has heard."""
        self.process.kill()
        self.process.join()
        unheard: list[Any] = []
        try:
            while self._ear.poll():
                unheard.append(self._ear.recv())
        except (EOFError, ConnectionResetError):
            pass
        return unheard
