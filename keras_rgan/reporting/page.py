"""A report as one page of HTML that needs nothing else: no network, no scripts."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from keras_rgan.reporting.privacy import CANNOT_SHOW

if TYPE_CHECKING:
    from keras_rgan.reporting.report import Report

STYLE = r"""
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5a6675; --paper: #fbfbf9; --line: #d9dde3;
  --card: #fff; --good: #17663a; --bad: #a3262a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --quiet: #a7b1bf; --paper: #14181e;
  --line: #343c47; --card: #1c222a; --good: #6fd39b; --bad: #ff8f8f; } }
.rgan-report { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1.2rem; overflow-wrap: anywhere; }
.rgan-report h1 { font-size: 1.5rem; } .rgan-report h2 { font-size: 1.15rem; margin-top: 2rem; }
.rgan-report .verdict { border-left: .35rem solid var(--quiet); background: var(--card);
  padding: .8rem 1rem; }
.rgan-report .verdict.good { border-color: var(--good); }
.rgan-report .verdict.bad { border-color: var(--bad); }
.rgan-report .wide { overflow-x: auto; }
@media (max-width: 37rem) { .rgan-report .wide::before { content: "Scroll for more columns \2192";
  position: sticky; left: 0; color: var(--quiet); font-size: .85rem; } }
.rgan-report table { border-collapse: collapse; width: 100%; min-width: 34rem; font-size: .92rem;
  overflow-wrap: normal; }
.rgan-report th .quiet { font-weight: normal; } .rgan-report tbody th { min-width: 7rem; }
.rgan-report th, .rgan-report td { text-align: left; padding: .35rem .6rem; vertical-align: top;
  border-bottom: 1px solid var(--line); }
.rgan-report td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.rgan-report .good { color: var(--good); } .rgan-report .bad { color: var(--bad); }
.rgan-report .quiet { color: var(--quiet); font-size: .92rem; }
.rgan-report figure { margin: 1rem 0; } .rgan-report img { max-width: 100%; height: auto;
  background: #fff; border-radius: .3rem; }
.rgan-report li { margin: .5rem 0; }
"""


def page_of(report: Report) -> str:
    """Return a whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(report.title)}</title>\n</head>\n<body>\n{section_of(report)}\n"
        "</body>\n</html>\n"
    )


def section_of(report: Report) -> str:
    """Return the page without its frame, as a notebook shows it."""
    tone = {"good": "good", "bad": "bad"}.get(report.level, "")
    parts = [
        f"<style>{STYLE}</style>",
        '<main class="rgan-report">',
        f"<h1>{html.escape(report.title)}</h1>",
        f'<p class="quiet">{html.escape(report.about)}</p>',
        f'<div class="verdict {tone}"><strong>{html.escape(report.verdict)}</strong></div>',
        "<h2>What is wrong, the worst first</h2>",
        _findings(report),
        "<h2>Scores</h2>",
        _scores(report),
        "<h2>Feature by feature</h2>",
        _features(report),
        _privacy(report),
    ]
    for picture in report.pictures:
        parts.append(
            f"<h2>{html.escape(picture.title)}</h2>\n<figure>"
            f'<img alt="{html.escape(picture.text, quote=True)}" src="{picture.source}">'
            f'<figcaption class="quiet">{html.escape(picture.text)}</figcaption></figure>'
        )
    parts.append(
        '<p class="quiet">What a page like this cannot show: that no attack would tell a record of the '
        "data; that the samples serve a purpose that no measure here asks about.</p></main>"
    )
    return "\n".join(parts)


def _findings(report: Report) -> str:
    if not report.findings:
        return "<p>Nothing that these measures see.</p>"
    items = [
        f"<li>{html.escape(finding.what)} <span class='quiet'>{html.escape(finding.remedy)}</span></li>"
        for finding in report.findings
    ]
    return f"<ol>{''.join(items)}</ol>"


def _scores(report: Report) -> str:
    head = "".join(
        f"<th scope='col'>{title}</th>"
        for title in ("score", "generated", "other real ones", "Gaussian copula", "ideal")
    )
    rows = []
    for name, score in report.scores.items():
        tone, words = ("good", "as real") if score["good"] else ("bad", "told")
        rows.append(
            f"<tr><th scope='row'>{html.escape(name)}<br><span class='quiet'>"
            f"{html.escape(score['asks'])}</span></th>"
            f"<td class='number'><span class='{tone}'>{_number(score['generated'])}<br>{words}</span>"
            "</td>"
            + "".join(
                f"<td class='number'>{_number(score[k])}</td>" for k in ("floor", "copula", "ideal")
            )
            + "</tr>"
        )
    return _table(head, rows)


def _privacy(report: Report) -> str:
    if report.privacy is None:
        return ""
    titles = ("test", "found", "p")
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
    rows = []
    for test in report.privacy.tests:
        tone, words = ("bad", "alarm") if test.alarm else ("good", "passed")
        rows.append(
            f"<tr><th scope='row'>{html.escape(test.name)}</th><td>{html.escape(test.found)}</td>"
            f"<td class='number'><span class='{tone}'>{_number(test.p_value)}<br>{words}</span></td>"
            "</tr>"
        )
    return (
        f"<h2>Privacy</h2><p>{html.escape(report.privacy.verdict)}</p>{_table(head, rows)}"
        f"<p class='quiet'>{html.escape(CANNOT_SHOW)}</p>"
    )


def _features(report: Report) -> str:
    titles = ("feature", "values apart", "mean", "deviation", "memory", "step", "missing")
    head = "".join(f"<th scope='col'>{title}</th>" for title in titles)
    rows = []
    for name, feature in report.features.items():
        real, made = feature["real"], feature["generated"]
        cells = [
            f"{_number(made[key])}<br><span class='quiet'>{_number(real[key])}</span>"
            for key in ("mean", "deviation", "memory", "steps", "missing")
        ]
        rows.append(
            f"<tr><th scope='row'>{html.escape(str(name))}</th>"
            f"<td class='number'>{_number(feature['moved'])}</td>"
            + "".join(f"<td class='number'>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    return (
        "<p class='quiet'>Generated above, real below. Memory is the correlation with the step before, "
        "step the mean size of a step.</p>"
        f"{_table(head, rows)}"
    )


def _table(head: str, rows: list[str]) -> str:
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        "</table></div>"
    )


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.3g}"
