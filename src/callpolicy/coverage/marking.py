"""Coverage as one HTML page: the YAML of every rule, each leaf marked with what was seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from callpolicy.coverage.model import Coverage, CoveragePoint, PointKind, State
from callpolicy.coverage.showing import closing_yaml, rounded
from callpolicy.coverage.words import shown_words, text_words, wanted_words
from callpolicy.policy import Bundle, Rule

_STYLE: Final = """
:root{color-scheme:light dark;--ok:#1a7f37;--gap:#b42318;--no:#6b7280;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:76rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.25rem}h2{font-size:1.05rem;margin:1.5rem 0 .25rem}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .75rem;border-bottom:1px solid var(--line);
text-align:right}th:first-child,td:first-child{text-align:left}
pre{background:var(--soft);padding:.5rem 0;overflow-x:auto;font:13px/1.55 ui-monospace,Menlo,Consolas,monospace;
border-radius:6px;margin:.25rem 0}
pre span.l{display:block;padding:0 .75rem;border-left:4px solid transparent}
span.l.ok{border-left-color:var(--ok)}span.l.gap{border-left-color:var(--gap);background:#b4231818}
i{font-style:normal;font-size:.8em;padding:0 .35em;margin-left:.4em;border-radius:4px;border:1px solid currentColor}
i.seen{color:var(--ok)}i.gap{color:var(--gap);font-weight:600}i.impossible{color:var(--no);border-style:dashed}
details{margin:.25rem 0}summary{cursor:pointer}.gap-text{color:var(--gap)}.ok-text{color:var(--ok)}
"""
_WORDS: Final = {
    "en": {
        "title": "Coverage of the norm",
        "kind": "what",
        "seen": "seen",
        "gaps": "gaps",
        "impossible": "impossible",
        "share": "share",
        "rule": "rules matched",
        "leaf": "leaves",
        "boundary": "boundaries",
        "text": "texts",
        "whole": "all",
        "closing": "examples that close the gaps",
        "scripts": "Scripts",
    },
    "zh-CN": {
        "title": "规范的覆盖情况",
        "kind": "项目",
        "seen": "已覆盖",
        "gaps": "缺口",
        "impossible": "不可能出现",
        "share": "比例",
        "rule": "规则匹配",
        "leaf": "条件项",
        "boundary": "阈值边界",
        "text": "文本",
        "whole": "合计",
        "closing": "补上缺口的示例",
        "scripts": "话术",
    },
}


def marked_up(coverage: Coverage, bundle: Bundle, language: str = "en") -> str:
    """One HTML page that needs nothing else: figures, then each rule's YAML with its marks.

    Args:
        coverage: what was measured.
        bundle: the bundle that it was measured of.
        language: `en` or `zh-CN`.
    """
    return "\n".join([*_page(coverage, bundle, _WORDS.get(language, _WORDS["en"]), language), ""])


def _page(coverage: Coverage, bundle: Bundle, words: dict[str, str], language: str) -> Iterator[str]:
    title = f"{words['title']}: {rounded(coverage.percent)} %"
    yield f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(title)}</h1><p>{escape(bundle.settings.name)} · <code>{escape(bundle.revision[:19])}</code></p>"
    yield from _figures(coverage, words)
    # WHY links: the rules stand by their names, and one with a gap may be far below.
    open_rules = [rule.id for rule in bundle.rules if coverage.share(owner=rule.id).gaps]
    if open_rules:
        links = ", ".join(f'<a href="#{escape(each)}">{escape(each)}</a>' for each in open_rules)
        yield f"<p>{words['gaps']}: {links}</p>"
    for rule in bundle.rules:
        points = [point for point in coverage.points if point.owner == rule.id]
        if points:
            yield from _rule(rule, points, coverage, bundle, language)
    scripts = [point for point in coverage.points if point.owner in bundle.scripts]
    if scripts:
        lines = (
            _line(name, [point for point in scripts if point.owner == name], language, with_part=True)
            for name in dict.fromkeys(point.owner for point in scripts)
        )
        yield f"<h2>{words['scripts']}</h2><pre>{''.join(lines)}</pre>"
    yield "</body></html>"


def _figures(coverage: Coverage, words: dict[str, str]) -> Iterator[str]:
    heads = "".join(f"<th>{words[key]}</th>" for key in ("kind", "seen", "gaps", "impossible", "share"))
    yield f"<table><tr>{heads}</tr>"
    for kind in (*PointKind, None):
        share = coverage.share(kind)
        cells = (words[str(kind or "whole")], share.seen, share.gaps, share.impossible, f"{rounded(share.percent)} %")
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _rule(rule: Rule, points: list[CoveragePoint], coverage: Coverage, bundle: Bundle, language: str) -> Iterator[str]:
    words = _WORDS.get(language, _WORDS["en"])
    share = coverage.share(owner=rule.id)
    style = "gap-text" if share.gaps else "ok-text"
    yield f'<h2 id="{escape(rule.id)}">{escape(rule.id)} <span class="{style}">{rounded(share.percent)} %</span></h2>'
    file = rule.span.file if rule.span else ""
    source = bundle.files.get(file, b"").decode("utf-8", "replace").splitlines()
    places: dict[int, list[CoveragePoint]] = {}
    for point in points:
        line = point.span.line if point.span else _line_of(source, "because:")
        places.setdefault(line, []).append(point)
    # WHY no ends of lines: each is a block of its own, and an end beside it would show as an empty line.
    marked = "".join(_line(text, places.get(number, []), language) for number, text in enumerate(source, start=1))
    yield f"<details{' open' if share.gaps else ''}><summary>{escape(file)}</summary><pre>{marked}</pre></details>"
    if rule.id in coverage.closing:
        examples = closing_yaml(rule, coverage.closing[rule.id], bundle).splitlines()
        yield f"<p>{words['closing']}</p><pre>{''.join(_line(text, [], language) for text in examples)}</pre>"


def _line_of(source: list[str], start: str) -> int:
    return next((number for number, text in enumerate(source, start=1) if text.startswith(start)), 1)


def _line(text: str, points: list[CoveragePoint], language: str, *, with_part: bool = False) -> str:
    gaps = any(point.state is State.GAP for point in points)
    style = " gap" if gaps else " ok" if points else ""
    marks = "".join(
        f'<i class="{point.state}" title="{escape(point.told(language) or shown_words(point.shown_by, language))}">'
        f"{escape(_mark(point, language, with_part=with_part))}</i>"
        for point in points
    )
    return f'<span class="l{style}">{escape(text)}{marks}</span>'


def _mark(point: CoveragePoint, language: str, *, with_part: bool) -> str:
    word = wanted_words(point.wanted, language)
    of_text = with_part or point.kind is PointKind.TEXT
    return f"{text_words(point.part, language)} {word}" if of_text else word
