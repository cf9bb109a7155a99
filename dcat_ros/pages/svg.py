# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Matplotlib figures as SVG inside an HTML page."""

from io import StringIO
import re
import warnings

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

NO_METADATA = dict.fromkeys(('Creator', 'Date', 'Format', 'Type'))
STANDALONE = re.compile(
    r'^.*?(?=<svg)'  # XML declaration and document type
    r'|<defs>\s*<style.*?</style>\s*</defs>'  # rules that would hold for the whole page
    r'|<metadata>.*?</metadata>'
    r'| xmlns(:xlink)?="[^"]*"| version="[^"]*"| (?<=<svg )width="[^"]*" height="[^"]*"',
    re.DOTALL,
)


def inline(figure: Figure, name: str, title: str) -> Markup:
    """Return an <svg> element that refers to nothing outside it; its text uses the page's font.

    :param name: unique in the page; makes the identifiers inside unique.
    :param title: what the figure shows, for screen readers.
    """
    file = StringIO()
    with warnings.catch_warnings(), rc_context({'svg.fonttype': 'none', 'svg.hashsalt': name}):
        warnings.filterwarnings('ignore', 'Glyph')  # of fonts that draw nothing here
        figure.savefig(file, format='svg', metadata=NO_METADATA, transparent=True)
    text = STANDALONE.sub('', file.getvalue())
    text = re.sub(r'<g id="[^"]*"', '<g', text)
    text = re.sub(r'font-family: [^;"]*;?', '', text)
    text = text.replace('xlink:href', 'href')
    return Markup(text.replace('<svg', f'<svg role="img" aria-label="{title}"', 1).strip())
