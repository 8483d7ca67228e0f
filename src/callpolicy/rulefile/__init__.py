"""Bundles as people write them: YAML files with the place of every fault, read into `callpolicy.policy.Bundle`.

`load_bundle` reads a folder and raises one `RuleFileError` with every fault of every file; `read_bundle` gives the
faults as a result. A loaded bundle is sound as written; whether its examples hold and its invariants are safe is for
`check` to say.
"""

from callpolicy.rulefile.folder import (
    init_bundle,
    load_bundle,
    read_bundle,
    read_files,
    starter_folder,
    starter_norm,
    write_schemas,
)
from callpolicy.rulefile.loading import load_bundle_files, read_bundle_files
from callpolicy.rulefile.printing import print_rule
from callpolicy.rulefile.schemas import schemas

__all__ = [
    "init_bundle",
    "load_bundle",
    "load_bundle_files",
    "print_rule",
    "read_bundle",
    "read_bundle_files",
    "read_files",
    "schemas",
    "starter_folder",
    "starter_norm",
    "write_schemas",
]
