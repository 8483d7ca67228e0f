"""One act on several blocks: each for itself, and what governance refuses holds none of the others back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.governed import Sitting, refusal_line, refusal_tree
from callpolicy.errors import GovernanceError, UsageError

if TYPE_CHECKING:
    from callpolicy.lifecycle import Block

Do = Callable[[str], tuple["Block", GovernanceError | None]]
"""Does it to the block of an id; gives how the block stands, and what of the act was refused after all."""


def to_each(sit: Sitting, ids: Sequence[str], do: Do) -> None:
    """Do something to each of several blocks, and print what became of it.

    Args:
        sit: what the command works with.
        ids: the blocks, each named once.
        do: what is done.

    Raises:
        UsageError: one of them is no block with a life; then nothing is done.
        typer.Exit: governance refused at least one.
    """
    from callpolicy.cli.block_texts import one_line, said
    from callpolicy.cli.block_words import block_tree, state_words
    from callpolicy.cli.terminal import show, show_json

    _look_whether_there(sit, ids)
    blocks: list[Any] = []
    refused: list[Any] = []
    try:
        for each in ids:
            try:
                block, why = do(each)
            except GovernanceError as error:
                state, why = "", error
            else:
                state = state_words(block, sit)
                blocks.append(block_tree(block, sit))
            told = "" if why is None else refusal_line(why, sit.bundle, sit.language)
            if why is not None:
                refused.append({"id": one_line(each), **refusal_tree(why, sit.bundle, sit.language)})
            if not sit.as_json:
                show("  ".join(part for part in (one_line(each), state, told) if part))
    finally:
        # WHY whatever happens: if the store fails in between, it is seen which were done.
        if sit.as_json:
            show_json({"blocks": blocks, "refused": refused})
    if not sit.as_json:
        done = len(ids) - len(refused)
        # Of a block that stands among both, one of two acts was done.
        part = len(blocks) - done
        key = "of_several.part" if part else "of_several"
        show(said(key, sit.language, done=done, part=part, refused=len(refused) - part))
    if refused:
        raise typer.Exit(FINDINGS)


def _look_whether_there(sit: Sitting, ids: Sequence[str]) -> None:
    from callpolicy.rulefile.sources import quoted

    for each in ids:
        found = sit.store.listed(each)
        if found is None or found.block is None:
            raise UsageError(f"{quoted(each)} is no block with a life, so none of the {len(ids)} is touched")
