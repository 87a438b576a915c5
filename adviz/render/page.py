"""A page that holds a trace and its player, and can be opened from disk without a network."""

from __future__ import annotations

import html
import json
from typing import Any

from adviz import player

__all__ = ["exercise_page", "laboratory_page", "page"]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 1rem auto; padding: 0 1rem; max-width: 1520px; }}
h1 {{ margin: 0 0 0.75rem; font: 600 1.25rem/1.3 system-ui, sans-serif; overflow-wrap: anywhere; }}
@media (width < 480px) {{ body {{ margin: 0.5rem auto; padding: 0 4px; }} }}
{style}
.adviz {{ --adviz-height: clamp(480px, 100vh - 72px, 1000px); }}
</style>
</head>
<body>
<main>
<h1 class="adviz-page-title">{title}</h1>
<div id="player"></div>
<noscript>{fallback}</noscript>
</main>
<script type="application/json" id="trace">{document}</script>
<script type="module">
{script}
const text = document.getElementById("trace").textContent;
mount(document.getElementById("player"), JSON.parse(text));
</script>
</body>
</html>
"""


def laboratory_page(document: dict[str, Any], title: str, fallback: str) -> str:
    """Return the page of a laboratory document; the parameters are those of :func:`page`."""
    return _filled(document, title, fallback, "laboratory")


def exercise_page(document: dict[str, Any], title: str, fallback: str) -> str:
    """Return the page of an exercise document; the parameters are those of :func:`page`."""
    return _filled(document, title, fallback, "exercisePage")


def page(document: dict[str, Any], title: str, fallback: str) -> str:
    """Return the page of a trace document.

    Parameters
    ----------
    document : dict
    title : str
    fallback : str
        HTML for a reader whose browser runs no script.
    """
    return _filled(document, title, fallback, "page")


def _filled(document: dict[str, Any], title: str, fallback: str, module: str) -> str:
    return _PAGE.format(
        title=html.escape(title),
        style=player.style() + (player.laboratory_style() if module == "laboratory" else ""),
        fallback=html.escape(fallback) if module == "laboratory" else fallback,
        # Written like this, "<" cannot end the script element early.
        document=json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
        script=player.script(module).replace("</script", "<\\/script"),
    )
