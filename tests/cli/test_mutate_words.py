"""What `mutate` tells people: in Chinese all but the ids, which stay as they are in every language."""

from __future__ import annotations

import re
from pathlib import Path

from callpolicy.decision import StageResult
from callpolicy.mutants.deciding import words
from callpolicy.mutants.telling import decision_told
from callpolicy.points import Effect, Kind, Stage
from callpolicy.policy import By, Obligation, Outcome, Term
from tests.cli.bench import bench

BURST = ("--only", "burst", "--operator", "status", "--no-proof")


def test_a_survivor_is_told_in_chinese_by_its_title_and_its_id_stays(norm: Path) -> None:
    chinese = bench("mutate", norm, *BURST, "--language", "zh-CN").stdout
    english = bench("mutate", norm, *BURST, "--language", "en").stdout

    assert "未发现：规则“短时间大量来电”，不再执行 [status:burst:shadow]" in chinese
    assert "以下来电会得到不同的决定（接听前 offered）：" in chinese
    assert "黑名单 blocklist：屏蔽 block，一天，由系统执行（burst）" in chinese
    assert "survived: status:burst:shadow" in english
    assert "blocklist: block day by system (burst)" in english


def test_every_part_of_a_decision_is_told() -> None:
    results = (
        StageResult(Stage.CLASSIFY, Outcome(Effect.NUISANCE, kind=Kind.ABUSE), False, ("r", "s"), (), (), None, ()),
        StageResult(
            Stage.BLOCKLIST, Outcome(Effect.BLOCK, by=By.SYSTEM, term=Term.WEEK), False, (), (), (), None,
            (Obligation.RECORD_CALL, Obligation.NOTIFY_AGENT),
        ),
        StageResult(Stage.BLOCKLIST, Outcome(Effect.BLOCK, term=3_600_000_000), False, ("b",), (), (), None, ()),
    )  # fmt: skip

    told = decision_told(words(results), "zh-CN")

    assert told == (
        "分类 classify：无价值来电 nuisance（辱骂 abuse）（r, s）；"
        "黑名单 blocklist：屏蔽 block，一周，由系统执行，并须保存录音、提示坐席；"
        "黑名单 blocklist：屏蔽 block，1h（b）"
    )
    assert not re.search(r"[a-z] by [a-z]| do [a-z]", told)


def test_what_has_another_form_stays_as_it_is() -> None:
    assert decision_told("nothing of that kind", "zh-CN") == "nothing of that kind"
    assert decision_told("screen: accept", "en") == "screen: accept"
