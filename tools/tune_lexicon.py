"""Measure the word lists of `rules/lexicons` on recorded texts, and show what to tune.

    python tools/tune_lexicon.py report    # precision and recall on the reporting half, as Markdown
    python tools/tune_lexicon.py misses    # false hits and misses on the tuning half; STRONG LANGUAGE

Texts come from the folder CALLPOLICY_DATA (default `../shared/data`): ConvAbuse (what users wrote to chat bots,
labelled by several experts) and public robocall transcripts. Each is split in halves by the hash of the
text's id; lists are tuned on one half only, and numbers are reported on the other.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from ruamel.yaml import YAML

from callpolicy.lexicon import Lexicon, SignalFinder

REPO = Path(__file__).resolve().parents[1]
LEXICONS = REPO / "rules" / "lexicons"
ORDINARY = REPO / "tests" / "lexicon" / "ordinary.txt"
HARMFUL = frozenset({"abuse", "sexual_harassment", "threat"})
Z95 = 1.959964
ANNOTATORS = range(1, 9)
SEVERITIES = (-3, -2, -1, 0, 1)


def load_lexicons(folder: Path = LEXICONS) -> tuple[Lexicon, ...]:
    """Read the word lists.

    Args:
        folder: where the YAML files are.

    Returns:
        One lexicon for each file, by name.
    """
    reader = YAML(typ="safe", pure=True)
    lists = []
    for file in sorted(folder.glob("*.yaml")):
        raw = reader.load(file.read_text(encoding="utf-8"))
        terms, unless = tuple(raw["terms"]), tuple(raw.get("unless", ()))
        lists.append(Lexicon(raw["id"], raw["signal"], raw["language"], raw["match"], terms, unless))
    return tuple(lists)


@dataclass(frozen=True, slots=True)
class Text:
    """One recorded text with what its annotators said.

    Args:
        id: the id in the data set; its hash decides the half.
        text: what was written or said.
        severities: one for each annotator: 1 fine, 0 unclear, -1 to -3 abusive.
        harassing: for each annotator whether it is sexual harassment.
    """

    id: str
    text: str
    severities: tuple[int, ...] = ()
    harassing: tuple[bool, ...] = ()

    @property
    def tuning(self) -> bool:
        """Whether it belongs to the half that lists are tuned on."""
        return hashlib.sha256(self.id.encode()).digest()[-1] % 2 == 0


def read_convabuse(data: Path) -> list[Text]:
    """Read the user turns of ConvAbuse.

    Args:
        data: the folder of recorded data.

    Returns:
        The texts with their labels. Source: Cercas Curry, Abercrombie, Rieser, "ConvAbuse", EMNLP 2021.
    """
    with (data / "convabuse" / "ConvAbuseEMNLPtrain.csv").open(encoding="utf-8", newline="") as file:
        return [_convabuse_text(row) for row in csv.DictReader(file)]


def _convabuse_text(row: dict[str, str]) -> Text:
    severities, harassing = [], []
    for annotator in ANNOTATORS:
        prefix = f"Annotator{annotator}_"
        marked = [level for level in SEVERITIES if _marked(row, f"{prefix}is_abuse.{level}")]
        if marked:
            severities.append(marked[0])
            harassing.append(_marked(row, f"{prefix}sex_harassment"))
    return Text(row["example_id"], row["user"], tuple(severities), tuple(harassing))


def _marked(row: dict[str, str], column: str) -> bool:
    return row.get(column, "") in ("1", "1.0")


def read_robocalls(data: Path) -> list[Text]:
    """Read the robocall transcripts.

    Args:
        data: the folder of recorded data.
    """
    with (data / "robocall_transcripts" / "transcripts.csv").open(encoding="utf-8", newline="") as file:
        return [Text(row["file_name"], row["transcript"]) for row in csv.DictReader(file)]


def read_ordinary() -> list[Text]:
    """Read the invented sentences of ordinary calls."""
    return [Text(line, line) for line in ORDINARY.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a signal finds what a label marks.

    Args:
        signal: the signal or signals.
        data: which texts.
        label: when a text counts as positive.
        n: texts. Units: texts, as all counts.
        positives: texts that the label marks.
        hits: texts with the signal.
        right: texts with both.
    """

    signal: str
    data: str
    label: str
    n: int
    positives: int
    hits: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the hits that are right, 0 without hits."""
        return self.right / self.hits if self.hits else 0.0

    @property
    def recall(self) -> float:
        """Share of the positives that are hit, 0 without positives."""
        return self.right / self.positives if self.positives else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        found = self.hits + self.positives
        return 2 * self.right / found if found else 0.0


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Give the 95 % Wilson score interval of a share.

    Args:
        successes: how many of the trials.
        trials: how many; with 0 nothing is known.

    Returns:
        Lower and upper end, from 0 to 1. Source: Wilson, JASA 22 (158), 1927.
    """
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, Z95 * Z95
    centre = share + square / (2 * trials)
    spread = Z95 * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def majority(votes: Iterable[bool]) -> bool:
    """Tell whether more than half of the votes are yes."""
    cast = list(votes)
    return 2 * sum(cast) > len(cast)


def any_abusive(text: Text) -> bool:
    """Tell whether at least one annotator called the text abusive."""
    return any(level < 0 for level in text.severities)


def mostly_abusive(text: Text) -> bool:
    """Tell whether most annotators called the text abusive."""
    return majority(level < 0 for level in text.severities)


def mostly_strong(text: Text) -> bool:
    """Tell whether most annotators called the text strongly abusive (-2 or -3)."""
    return majority(level <= -2 for level in text.severities)  # noqa: PLR2004 - a level of the data set's scale


def any_harassing(text: Text) -> bool:
    """Tell whether at least one annotator called the text sexual harassment."""
    return any(text.harassing)


def mostly_harassing(text: Text) -> bool:
    """Tell whether most annotators called the text sexual harassment."""
    return majority(text.harassing)


LABELS: tuple[tuple[frozenset[str], str, Callable[[Text], bool]], ...] = (
    (frozenset({"abuse"}), "any annotator ≤ −1", any_abusive),
    (frozenset({"abuse"}), "majority ≤ −1", mostly_abusive),
    (frozenset({"abuse"}), "majority ≤ −2", mostly_strong),
    (HARMFUL, "any annotator ≤ −1", any_abusive),
    (HARMFUL, "majority ≤ −1", mostly_abusive),
    (HARMFUL, "majority ≤ −2", mostly_strong),
    (frozenset({"sexual_harassment"}), "any annotator", any_harassing),
    (frozenset({"sexual_harassment"}), "majority", mostly_harassing),
)


def measure(data: Path, finder: SignalFinder, *, tuning: bool = False) -> list[Score]:
    """Measure the lists on one half of the recorded texts.

    Args:
        data: the folder of recorded data.
        finder: the lists.
        tuning: take the tuning half instead of the reporting half.

    Returns:
        One score for each signal, data set and label.
    """
    chats = [text for text in read_convabuse(data) if text.tuning == tuning]
    robocalls = read_robocalls(data)
    half = [text for text in robocalls if text.tuning == tuning]
    others = chats + read_ordinary()
    scores = [_score(finder, signals, "ConvAbuse", label, chats, test) for signals, label, test in LABELS]
    scores.append(_robocall_score(finder, "robocalls against chats and ordinary calls", half, others))
    if not tuning:
        tuned_on = [text for text in robocalls if text.tuning]
        fresh = [text for text in half if not _resembles(text, tuned_on)]
        scores.append(_robocall_score(finder, "the same, wording not in the tuning half", fresh, others))
    return scores


def _score(
    finder: SignalFinder,
    signals: frozenset[str],
    data: str,
    label: str,
    texts: Sequence[Text],
    test: Callable[[Text], bool],
) -> Score:
    positives = [test(text) for text in texts]
    hits = [bool(signals & finder.signals(text.text)) for text in texts]
    right = sum(hit and positive for hit, positive in zip(hits, positives, strict=True))
    return Score(" or ".join(sorted(signals)), data, label, len(texts), sum(positives), sum(hits), right)


def _robocall_score(finder: SignalFinder, data: str, robocalls: list[Text], others: list[Text]) -> Score:
    real = {text.id for text in robocalls}
    return _score(
        finder, frozenset({"robocall"}), data, "is a robocall", robocalls + others, lambda text: text.id in real
    )


def _resembles(text: Text, known: Sequence[Text]) -> bool:
    """Whether half of its runs of four words occur in the known texts: the same campaign, cut elsewhere."""
    seen = {run for other in known for run in _runs(other)}
    runs = list(_runs(text))
    return 2 * sum(run in seen for run in runs) >= len(runs)


def _runs(text: Text) -> Iterator[tuple[str, ...]]:
    words = "".join(char if char.isalnum() else " " for char in text.text.casefold()).split()
    for start in range(max(1, len(words) - 3)):
        yield tuple(words[start : start + 4])


def false_hits(data: Path, finder: SignalFinder) -> list[tuple[str, str, int, int]]:
    """Count the hits of grave signals on texts that hold none.

    Args:
        data: the folder of recorded data.
        finder: the lists.

    Returns:
        Rows of signal, data set, texts, texts with the signal; robocalls are those of the reporting half.
    """
    robocalls = [text for text in read_robocalls(data) if not text.tuning]
    rows = []
    for name, texts in (("robocalls", robocalls), ("invented ordinary calls", read_ordinary())):
        found = [finder.signals(text.text) for text in texts]
        for signal in ("abuse", "threat", "sexual_harassment", "self_harm"):
            rows.append((signal, name, len(texts), sum(signal in signals for signals in found)))
    return rows


def report(data: Path, finder: SignalFinder) -> Iterator[str]:
    """Write the measurements on the reporting half as Markdown, line by line.

    Args:
        data: the folder of recorded data.
        finder: the lists.
    """
    yield "| signal | data | positive when | n | positives | hits | precision | recall | F1 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for score in measure(data, finder):
        precision, recall = _share(score.right, score.hits), _share(score.right, score.positives)
        yield (
            f"| {score.signal} | {score.data} | {score.label} | {score.n} | {score.positives} | {score.hits} "
            f"| {precision} | {recall} | {score.f1:.3f} |"
        )
    yield ""
    yield "| signal | texts that hold none | n | false hits | share |"
    yield "|---|---|---|---|---|"
    for signal, name, n, hits in false_hits(data, finder):
        yield f"| {signal} | {name} | {n} | {hits} | {_share(hits, n)} |"


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{part / whole:.3f} ({low:.3f}–{high:.3f})" if whole else "–"


def misses(data: Path, finder: SignalFinder) -> Iterator[str]:
    """List the false hits and the misses of the tuning half, line by line. Strong language.

    Args:
        data: the folder of recorded data.
        finder: the lists.
    """
    for text in read_convabuse(data):
        if not text.tuning:
            continue
        hits = [hit for hit in finder.hits(text.text) if hit.signal in HARMFUL]
        if hits and not any_abusive(text):
            yield f"false {hits[0].signal} `{hits[0].term}`: {text.text}"
        elif mostly_abusive(text) and not hits:
            yield f"missed {text.severities}: {text.text}"
    for text in read_robocalls(data):
        if text.tuning and "robocall" not in finder.signals(text.text):
            yield f"missed robocall: {text.text}"


def main() -> int:
    """Run one command; 2 if the recorded data is absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("report", "misses"))
    command = parser.parse_args().command
    data = Path(os.environ.get("CALLPOLICY_DATA") or REPO.parent / "shared" / "data").resolve()
    if not data.is_dir():
        sys.stderr.write("the folder of recorded data is absent: set CALLPOLICY_DATA\n")
        return 2
    lines = (report if command == "report" else misses)(data, SignalFinder(load_lexicons()))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
