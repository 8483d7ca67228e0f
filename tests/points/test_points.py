"""The fixed table of decision points, stages and effects is that of the norm."""

from __future__ import annotations

from callpolicy.points import (
    EFFECTS_OF,
    KINDS_OF_CLASS,
    RANK,
    RESTRICTIVE,
    STAGE_OF,
    STAGES_AT,
    Effect,
    Kind,
    default_effect,
)


def test_each_decision_point_runs_its_stages_in_the_order_of_the_norm() -> None:
    assert {str(point): [str(stage) for stage in stages] for point, stages in STAGES_AT.items()} == {
        "offered": ["classify", "blocklist", "screen"],
        "in_call": ["classify", "hangup"],
        "ended": ["classify", "blocklist"],
    }


def test_effects_stand_most_lenient_first() -> None:
    assert {str(stage): " ".join(effects) for stage, effects in EFFECTS_OF.items()} == {
        "classify": "normal repeat_complaint nuisance",
        "screen": "accept divert reject",
        "hangup": "continue soothe explain warn escalate offer_close hang_up_politely hang_up",
        "blocklist": "none propose_block block",
    }


def test_exactly_these_effects_are_restrictive() -> None:
    assert set(RESTRICTIVE) == {"reject", "hang_up_politely", "hang_up", "propose_block", "block"}


def test_every_effect_has_one_stage_and_a_rank_in_it_and_the_default_is_never_restrictive() -> None:
    assert set(STAGE_OF) == set(Effect) == set(RANK)
    for stage, effects in EFFECTS_OF.items():
        assert [RANK[effect] for effect in effects] == list(range(len(effects)))
        assert default_effect(stage) is effects[0]
        assert effects[0] not in RESTRICTIVE


def test_every_kind_belongs_to_one_class() -> None:
    assert sorted(kind for kinds in KINDS_OF_CLASS.values() for kind in kinds) == sorted(Kind)
    assert {str(name): [str(kind) for kind in kinds] for name, kinds in KINDS_OF_CLASS.items()} == {
        "normal": [],
        "repeat_complaint": ["beyond_business_rule", "after_final_result"],
        "nuisance": ["harassment", "abuse", "out_of_scope"],
    }
