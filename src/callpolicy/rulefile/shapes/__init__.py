"""The shapes of the files of a bundle, as pydantic models: what keys a file has and what each of them takes.

A shape knows one file alone. What needs the catalogue of facts or another file is looked at afterwards.
"""

from callpolicy.rulefile.shapes.declared import (
    FactsFile,
    FactShape,
    InvariantsFile,
    InvariantShape,
    LexiconFile,
    ScriptsFile,
    ScriptShape,
    WindowsFile,
    WindowShape,
)
from callpolicy.rulefile.shapes.governance import GovernanceFile, LadderShape, TermShape
from callpolicy.rulefile.shapes.policy import PolicyFile
from callpolicy.rulefile.shapes.rule import RuleFile
from callpolicy.rulefile.shapes.scenario import ScenarioFile

__all__ = [
    "FactShape",
    "FactsFile",
    "GovernanceFile",
    "InvariantShape",
    "InvariantsFile",
    "LadderShape",
    "LexiconFile",
    "PolicyFile",
    "RuleFile",
    "ScenarioFile",
    "ScriptShape",
    "ScriptsFile",
    "TermShape",
    "WindowShape",
    "WindowsFile",
]
