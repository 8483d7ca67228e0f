"""`callpolicy prove`: each invariant holds for every possible call, or here is the call that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callpolicy.cli.analyse import show_call, witness_dict
from callpolicy.cli.exits import FINDINGS
from callpolicy.cli.options import JsonOption, Language, LanguageOption, language_of_environment
from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.analysis.proving import Proof, Proofs
    from callpolicy.analysis.story import Staged
    from callpolicy.policy import Bundle

_NAME = "hang_up_without_warning"
_TITLE = {
    "en": "A nuisance caller is hung up on without a warning and an offence after it",
    "zh-CN": "无价值来电没有提醒、或提醒后没有再犯就被挂机",
}
_TEXTS: Mapping[str, tuple[str, str]] = {
    "by_rules": ("proved by the rules alone", "仅凭规则即可保证"),
    "by_guard": ("proved, kept only by the invariant itself at run time", "成立，但全靠运行时的底线规则拦下"),
    "unknown": (
        "not known in that call, though the invariant asks: {facts}",
        "底线规则要看、而该来电中未知的事实：{facts}",
    ),
    "broken": ("BROKEN: a possible call breaks it", "被违反：存在违反它的来电"),
    "unsupported": ("not proved: the norm has something that cannot be looked at", "未能证明：规范中有无法检查的内容"),
    "unsettled": (
        "not settled: too much work without the solver: pip install 'callpolicy[prove]'",
        "未能得出结论：不用求解器，工作量超出上限，请运行 pip install 'callpolicy[prove]'",
    ),
    "sequence_unsettled": (
        "not settled whether a sequence of events leads to a hang-up on nuisance without a warning: "
        "too much work without the solver: pip install 'callpolicy[prove]'",
        "未能得出结论：是否有事件序列会在没有提醒的情况下对无价值来电挂机；不用求解器，工作量超出上限，请运行 "
        "pip install 'callpolicy[prove]'",
    ),
    "by_solver": ("by solver", "方法：求解器"),
    "by_base": ("by search, without the solver", "方法：搜索，未用求解器"),
    "no_sequence": (
        "no sequence of up to {events} events leads to a hang-up on nuisance without a warning ({states} states)",
        "任何不超过 {events} 个事件的序列，都不会在没有提醒的情况下对无价值来电挂机（{states} 个状态）",
    ),
    "sequence": (
        "BROKEN: a sequence of {count} events leads to a hang-up on nuisance without a warning before it",
        "被违反：一个 {count} 个事件的序列会在没有提醒的情况下对无价值来电挂机",
    ),
    "possible": (
        "NOT PROVED: without a warning, a hang-up on nuisance is possible for some facts",
        "未能证明：在没有提醒时，某些事实下可能对无价值来电挂机",
    ),
    "written": (
        "the call stands in `{file}`; it fails until the norm is mended",
        "该来电已写入“{file}”；规范改好之前它不会通过",
    ),
    "no_invariants": ("the norm has no invariant, so there is nothing to prove", "规范没有底线规则，无从证明"),
    "all": ("every invariant is proved for every possible call", "对所有可能的来电，每条底线规则均已证明"),
    "not_all": ("not everything is proved", "并非全部得到证明"),
}  # fmt: skip


def prove(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the norm; the starter norm if left out.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Write a scenario that fails for what is broken here.")
    ] = None,
    most: Annotated[int, typer.Option("--events", min=2, max=12, help="How long sequences of events are.")] = 8,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Prove the invariants of a norm for every possible call; exit code 1 if one is broken or cannot be proved."""
    from callpolicy.analysis.proving import prove as prove_bundle
    from callpolicy.cli.inputs import norm_folder, read_norm
    from callpolicy.cli.terminal import show_json

    bundle = read_norm(norm_folder(folder))
    if not bundle.invariants:
        raise UsageError(_TEXTS["no_invariants"][0])
    proofs = prove_bundle(bundle, most=most)
    shown = language or language_of_environment()
    files = dict(_failing(bundle, proofs))
    written = _write(to, files) if to is not None else {}
    if as_json:
        show_json(_proofs_dict(proofs, bundle, files))
    else:
        _show(proofs, bundle, written, shown)
    if not proofs.proved:
        raise typer.Exit(FINDINGS)


def staged_proof(bundle: Bundle, proof: Proof) -> Staged | None:
    """The call of a proof, event by event, if one can be made up on which the same invariant acts."""
    from callpolicy.analysis.story import staged

    if proof.witness is None:
        return None
    name, stage = proof.invariant.id, proof.invariant.stage
    broken = name not in proof.witness.stage(stage).invariants
    effects = proof.invariant.effects
    return staged(
        bundle,
        proof.witness,
        lambda decision: any(
            each.stage is stage and (each.outcome.effect in effects if broken else name in each.invariants)
            for each in decision.stages
        ),
    )


def _failing(bundle: Bundle, proofs: Proofs) -> list[tuple[str, str]]:
    """For what is broken, a scenario file that fails, by name."""
    from callpolicy.analysis.proving import Standing
    from callpolicy.analysis.story import scenario_text

    found = []
    for proof in proofs.invariants:
        call = staged_proof(bundle, proof) if proof.standing is Standing.BROKEN else None
        if call is not None:
            name = f"breaks_{proof.invariant.id}"
            expect = {str(proof.invariant.stage): str(proof.invariant.instead)}
            found.append((name, scenario_text(name, proof.invariant.title, bundle, call.events, expect)))
    if proofs.sequences.sequence:
        events = proofs.sequences.sequence
        found.append((_NAME, scenario_text(_NAME, _TITLE, bundle, events, {"hangup": "warn"})))
    return found


def _write(to: Path, files: Mapping[str, str]) -> dict[str, Path]:
    from callpolicy.cli.outputs import whole_file

    written = {name: to / f"{name}.yaml" for name in files}
    for name, place in written.items():
        if place.exists() and place.read_bytes() != files[name].encode():
            raise UsageError(f"`{place.name}` is there already, and was changed; move it away, or write somewhere else")
    to.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with whole_file(written[name]) as file:
            file.write(text.encode())
    return written


def _proofs_dict(proofs: Proofs, bundle: Bundle, files: Mapping[str, str]) -> dict[str, Any]:
    search = proofs.sequences
    return {
        "ok": proofs.proved,
        "method": str(proofs.method),
        "invariants": [
            {
                "id": each.invariant.id,
                "standing": str(each.standing),
                "certain": each.certain if each.witness else None,
                "witness": witness_dict(each.witness, bundle.catalogue),
            }
            for each in proofs.invariants
        ],
        "sequences": {
            "proved": search.proved,
            "unsettled": search.unsettled,
            "events": search.events,
            "states": search.states,
            "sequence": [each.name for each in search.sequence] or None,
            "possible": witness_dict(search.possible, bundle.catalogue),
        },
        "scenarios": dict(files),
        "unsupported": [{"what": each.what, "fact": each.fact} for each in proofs.unsupported],
        "revision": bundle.revision,
    }


def _said(key: str, language: Language, **values: object) -> str:
    return _TEXTS[key][language is Language.ZH].format(**values)


def _show(proofs: Proofs, bundle: Bundle, written: Mapping[str, Path], language: Language) -> None:
    from callpolicy.analysis.space import MADE_BY_DECIDE
    from callpolicy.cli.terminal import MARKS, heading, show
    from callpolicy.cli.texts import title
    from callpolicy.condition import facts_read

    for proof in proofs.invariants:
        good = proof.standing in {"by_rules", "by_guard"}
        show(heading(f"{MARKS[good]} {proof.invariant.id}  {title(proof.invariant.title, language)}"))
        show(f"    {_said(str(proof.standing), language)}")
        if proof.witness is not None:
            show_call(proof.witness, bundle, staged_proof(bundle, proof), language)
            unknown = sorted(facts_read(proof.invariant.when) - proof.witness.values.keys() - MADE_BY_DECIDE)
            if unknown:
                show(f"    {_said('unknown', language, facts=', '.join(unknown))}")
    search = proofs.sequences
    if search.sequence:
        show(f"{MARKS[False]} {_said('sequence', language, count=len(search.sequence))}")
        show("    " + " → ".join(each.name for each in search.sequence))
    elif search.unsettled:
        show(f"{MARKS[None]} {_said('sequence_unsettled', language)}")
    elif search.possible is not None:
        show(f"{MARKS[False]} {_said('possible', language)}")
        show_call(search.possible, bundle, None, language)
    else:
        show(f"{MARKS[True]} {_said('no_sequence', language, events=search.events, states=search.states)}")
    for each in proofs.unsupported:
        show(f"{each.what}: `{each.fact}`")
    for path in written.values():
        show(_said("written", language, file=path.as_posix()))
    show("", _said("all" if proofs.proved else "not_all", language), _said(f"by_{proofs.method}", language))
