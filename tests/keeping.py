"""What is made once for many tests, where the same input gives the same thing: norms are read again and again."""

from functools import lru_cache

from callpolicy.errors import Finding
from callpolicy.replay import mapping
from callpolicy.rulefile import loading, protected
from callpolicy.rulefile.tree import Document, read_document

_MOST = 600


def keep_documents() -> None:
    """Keep what a YAML file with these bytes was read as: most norms of the tests are one norm, changed a little."""
    for module in (loading, protected, mapping):
        vars(module)["read_document"] = _read


@lru_cache(_MOST)
def _kept(file: str, data: bytes) -> tuple[Document, tuple[Finding, ...]]:
    document, findings = read_document(file, data)
    return document, tuple(findings)


def _read(file: str, data: bytes) -> tuple[Document, list[Finding]]:
    document, findings = _kept(file, data)
    return document, list(findings)
