"""What is made once for many tests, where the same input gives the same thing: norms are read again and again."""

from collections.abc import Mapping
from functools import lru_cache

from callpolicy.errors import Finding
from callpolicy.policy import Bundle
from callpolicy.replay import mapping
from callpolicy.rulefile import folder, loading, protected
from callpolicy.rulefile.loading import read_bundle_files
from callpolicy.rulefile.tree import Document, read_document

_MOST = 600
_MOST_NORMS = 12


def keep_documents() -> None:
    """Keep what a YAML file with these bytes was read as: most norms of the tests are one norm, changed a little.

    And what a whole norm was read as: nobody changes a bundle, and every command of the desk reads the starter norm.
    """
    for module in (loading, protected, mapping):
        vars(module)["read_document"] = _read
    for module in (loading, folder):
        vars(module)["read_bundle_files"] = _read_norm


@lru_cache(_MOST_NORMS)
def _kept_norm(files: tuple[tuple[str, bytes], ...]) -> tuple[Bundle | None, tuple[Finding, ...]]:
    return read_bundle_files(dict(files))


def _read_norm(files: Mapping[str, bytes]) -> tuple[Bundle | None, tuple[Finding, ...]]:
    return _kept_norm(tuple(sorted(files.items())))


@lru_cache(_MOST)
def _kept(file: str, data: bytes) -> tuple[Document, tuple[Finding, ...]]:
    document, findings = read_document(file, data)
    return document, tuple(findings)


def _read(file: str, data: bytes) -> tuple[Document, list[Finding]]:
    document, findings = _kept(file, data)
    return document, list(findings)
