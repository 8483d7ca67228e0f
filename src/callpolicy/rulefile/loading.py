"""The files of a bundle become the bundle: each is read, then everything is checked against everything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

import rfc8785
from pydantic import BaseModel

from callpolicy.errors import Finding, RuleFileError
from callpolicy.facts.builtin import BUILTIN
from callpolicy.lexicon import Lexicon
from callpolicy.points import Stage
from callpolicy.policy import Bundle, Governance, Invariant, Rule, Scenario, Script, Settings
from callpolicy.rulefile.declared import (
    Declared,
    look_at_scripts,
    look_at_titles,
    make_facts,
    make_lexicon,
    make_scripts,
    make_windows,
)
from callpolicy.rulefile.expectations import Named
from callpolicy.rulefile.faults import Desk, Faults, did_you_mean
from callpolicy.rulefile.governance import look_at_roles, make_governance
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.protected import shipped_parts
from callpolicy.rulefile.rules import make_invariants, make_rule
from callpolicy.rulefile.scenarios import make_scenario
from callpolicy.rulefile.settings import look_at_settings, make_settings
from callpolicy.rulefile.shapes import (
    FactsFile,
    GovernanceFile,
    InvariantsFile,
    LexiconFile,
    PolicyFile,
    ScriptsFile,
    WindowsFile,
)
from callpolicy.rulefile.sources import quoted, whole_file
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Document, read_document
from callpolicy.rulefile.wording import read_shape
from callpolicy.windows import Window

Model = TypeVar("Model", bound=BaseModel)

MAX_FILES: Final = 2_000
"""The most files that a bundle may have."""

POLICY: Final = "policy.yaml"
_TOP: Final = (POLICY, "facts.yaml", "governance.yaml", "invariants.yaml", "scripts.yaml", "windows.yaml")
_STAGE_FOLDERS: Final = tuple(str(stage) for stage in Stage)
_FOLDERS: Final = (*_STAGE_FOLDERS, "lexicons", "scenarios")
_IGNORED: Final = frozenset({"schemas"})


def load_bundle_files(files: Mapping[str, bytes]) -> Bundle:
    """Read a bundle from files in memory.

    Args:
        files: path relative to the bundle's folder, with `/`, to the bytes of the file. What is not YAML by its name is
            not looked at.

    Returns:
        the bundle. It is as written, not yet checked: examples, scenarios and proofs are for `callpolicy check`.

    Raises:
        RuleFileError: with every fault of every file.
    """
    bundle, findings = read_bundle_files(files)
    if bundle is None:
        raise RuleFileError(findings)
    return bundle


def read_bundle_files(files: Mapping[str, bytes]) -> tuple[Bundle | None, tuple[Finding, ...]]:
    """As `load_bundle_files`, with the faults as a result.

    Returns:
        the bundle, or `None` if there are faults; and the findings, by file and place.
    """
    return _Loading().load(files)


@dataclass(slots=True)
class _Loading:
    """One bundle while it is read. The order of the steps is what each of them needs to know."""

    faults: Faults = field(default_factory=Faults)
    documents: dict[str, Document] = field(default_factory=dict)
    settings: Settings | None = None
    shipped: Mapping[str, Any] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def load(self, files: Mapping[str, bytes]) -> tuple[Bundle | None, tuple[Finding, ...]]:
        self._read(files)
        shape = self._shape(POLICY, PolicyFile)
        if shape is not None:
            self.settings = make_settings(self._desk(POLICY), shape)
            self.shipped = shipped_parts(shape)
            self.known = replace(self.known, languages=self.settings.languages)
        lexicons = self._lexicons()
        windows = self._declared()
        scripts = self._scripts()
        invariants = self._invariants()
        rules = self._rules()
        scenarios = self._scenarios(invariants)
        governance = self._governance()
        self._look_at_titles()
        findings = self.faults.sorted()
        if self.faults.any_error or self.settings is None:
            return None, findings
        bundle = Bundle(
            revision=revision_of(self.documents, self.shipped),
            settings=self.settings,
            catalogue=self.known.catalogue,
            rules=rules,
            invariants=invariants,
            windows=windows,
            scripts=scripts,
            lexicons=lexicons,
            scenarios=scenarios,
            governance=governance,
            files={name: files[name] for name in sorted(self.documents)},
        )
        return bundle, findings

    def _read(self, files: Mapping[str, bytes]) -> None:
        names = sorted(name for name in files if _is_looked_at(name))
        if len(names) > MAX_FILES:
            self.faults.add(whole_file(".", "too-many-files", f"a bundle has at most {MAX_FILES} files"))
            return
        if POLICY not in files:
            hint = "start from a copy: `callpolicy init DIR`"
            self.faults.add(whole_file(POLICY, "missing-file", f"a bundle needs a file `{POLICY}`", hint))
        for name in names:
            if (fault := _place_fault(name)) is not None:
                self.faults.add(fault)
                continue
            document, faults = read_document(name, files[name])
            self.documents[name] = document
            for finding in faults:
                self.faults.add(finding)

    def _desk(self, name: str) -> Desk:
        return Desk(self.documents[name], self.faults)

    def _shape(self, name: str, model: type[Model]) -> Model | None:
        document = self.documents.get(name)
        return None if document is None or document.broken else read_shape(self._desk(name), model)

    def _in(self, *folders: str) -> Iterable[str]:
        return (
            name
            for name, document in self.documents.items()
            if name.partition("/")[0] in folders and not document.broken
        )

    def _lexicons(self) -> tuple[Lexicon, ...]:
        lexicons: list[Lexicon] = []
        for name in self._in("lexicons"):
            shape = self._shape(name, LexiconFile)
            if shape is None:
                continue
            lexicon = make_lexicon(self._desk(name), shape)
            stem = name.rpartition("/")[2]
            if stem != f"{lexicon.id}.yaml":
                message = f"the file of lexicon {quoted(lexicon.id)} is called {quoted(stem)}"
                hint = f"call it `{lexicon.id}.yaml`, or change the id"
                self._desk(name).fault(("id",), "id-is-not-file-name", message, hint)
            lexicons.append(lexicon)
        whole = len(lexicons) == sum(name.startswith("lexicons/") for name in self.documents)
        signals = frozenset(lexicon.signal for lexicon in lexicons)
        self.known = replace(self.known, signals=signals if whole else None)
        return tuple(lexicons)

    def _declared(self) -> tuple[Window, ...]:
        facts_shape = self._shape("facts.yaml", FactsFile)
        facts = Declared() if facts_shape is None else make_facts(self._desk("facts.yaml"), facts_shape)
        windows_shape = self._shape("windows.yaml", WindowsFile)
        windows: tuple[Window, ...] = ()
        made = Declared()
        if windows_shape is not None:
            windows, made = make_windows(self._desk("windows.yaml"), windows_shape)
        self.known = replace(
            self.known,
            catalogue=BUILTIN.extended((*facts.facts, *made.facts)),
            faulty=facts.faulty | made.faulty,
            facts_whole=facts_shape is not None or "facts.yaml" not in self.documents,
            windows_whole=windows_shape is not None or "windows.yaml" not in self.documents,
        )
        return windows

    def _scripts(self) -> dict[str, Script]:
        shape = self._shape("scripts.yaml", ScriptsFile)
        absent = "scripts.yaml" not in self.documents
        scripts = {} if shape is None else make_scripts(self._desk("scripts.yaml"), shape)
        self.known = replace(self.known, scripts=frozenset(scripts) if shape is not None or absent else None)
        return scripts

    def _invariants(self) -> tuple[Invariant, ...]:
        shape = self._shape("invariants.yaml", InvariantsFile)
        document = self.documents.get("invariants.yaml")
        if document is None or document.broken:
            return ()
        return make_invariants(self._desk("invariants.yaml"), self.known, shape)

    def _rules(self) -> tuple[Rule, ...]:
        rules: dict[str, Rule] = {}
        for name in self._in(*_STAGE_FOLDERS):
            desk = self._desk(name)
            written = desk.document.at(("id",))
            rule = make_rule(desk, self.known)
            if rule is not None and rule.id in rules:
                before = rules[rule.id].span
                message = f"rule {quoted(written)} stands in `{before.file if before else ''}` already"
                desk.fault(("id",), "duplicate-id", message, "an id is unique over all stages")
            elif rule is not None:
                rules[rule.id] = rule
        return tuple(rules[rule_id] for rule_id in sorted(rules))

    def _scenarios(self, invariants: tuple[Invariant, ...]) -> tuple[Scenario, ...]:
        # WHY by file name: a rule with a fault is there all the same, and one fault must not be told twice.
        places = [(name.partition("/")[0], PurePosixPath(name).stem) for name in self.documents]
        rules = {stem: Stage(folder) for folder, stem in places if folder in _STAGE_FOLDERS}
        document = self.documents.get("invariants.yaml")
        written = document.value if document is not None and isinstance(document.value, list) else []
        ids: dict[str, Stage | None] = {str(item.get("id")): None for item in written if isinstance(item, dict)}
        named = Named(rules, ids | {each.id: each.stage for each in invariants})
        scenarios = [
            scenario
            for name in self._in("scenarios")
            if (scenario := make_scenario(self._desk(name), self.known, named, self.settings)) is not None
        ]
        return tuple(sorted(scenarios, key=lambda scenario: scenario.id))

    def _governance(self) -> Governance | None:
        shape = self._shape("governance.yaml", GovernanceFile)
        zone = self.settings.time_zone if self.settings is not None else "UTC"
        return None if shape is None else make_governance(self._desk("governance.yaml"), shape, zone)

    def _look_at_titles(self) -> None:
        for name in self._in(*_TOP, "lexicons"):
            desk = self._desk(name)
            if name == POLICY and self.settings is not None:
                look_at_settings(desk, self.known, self.settings)
            elif name in ("facts.yaml", "windows.yaml"):
                look_at_titles(desk, self.known)
            elif name == "scripts.yaml":
                look_at_scripts(desk, self.known)
            elif name == "governance.yaml":
                look_at_roles(desk, self.known)
            elif name.startswith("lexicons/"):
                look_at_texts(desk, self.known, ("title",), placeholders=False)


def _is_looked_at(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return name.lower().endswith((".yaml", ".yml")) and not hidden and parts[0] not in _IGNORED


def _place_fault(name: str) -> Finding | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or str(path) != name:
        return whole_file(
            name, "path-escapes", "the path leaves the folder of the bundle", "write it relative to the folder"
        )
    if not name.endswith(".yaml"):
        return whole_file(name, "unknown-file", "files of a bundle end in `.yaml`", f"call it `{path.stem}.yaml`")
    folder = name.rpartition("/")[0]
    if folder == "":
        if name in _TOP:
            return None
        hint = did_you_mean(path.stem, (top.removesuffix(".yaml") for top in _TOP))
        return whole_file(name, "unknown-file", f"a bundle has no file {quoted(name)}", hint)
    if folder in _FOLDERS:
        return None
    return whole_file(name, "unknown-file", f"a bundle has no folder {quoted(folder)}", did_you_mean(folder, _FOLDERS))


def revision_of(documents: Mapping[str, Document], shipped: Mapping[str, Any]) -> str:
    """The revision of a bundle: what every decision names as the norm that decided.

    It covers what is declared in every file, rules, examples and scenarios too, by path; it covers no comments, no
    order of keys, no quotes and no line breaks. WHY not the bytes: a corrected comment changes no decision, and must
    not look as if the norm had changed. WHY examples and scenarios: a bundle goes live because they passed, so the
    revision says which they were. It covers the public service numbers that `policy.yaml` takes by naming countries:
    two versions of the product that bring other numbers give other revisions.

    Args:
        documents: path to file.
        shipped: what is taken from what comes along; no path of a file is named as these are.

    Source: RFC 8785 (canonical JSON) under SHA-256.
    """
    tree = {**shipped, **{name: document.value for name, document in sorted(documents.items())}}
    return f"sha256:{hashlib.sha256(rfc8785.dumps(tree)).hexdigest()}"
