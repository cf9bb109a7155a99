# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Pages in headless Chromium, at widths that a person may have."""

from html import escape, unescape
import json
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
WIDTHS = (1000, 400)
FRAME = """<!DOCTYPE html><html><body><pre></pre>
<iframe width="{width}" height="800" style="border: 0" srcdoc="{page}"></iframe><script>
onload = () => {{
  const page = document.querySelector('iframe').contentDocument;
  page.querySelectorAll('details').forEach(element => element.open = true);
  const wide = [...page.body.querySelectorAll('*')].filter(element =>
    element.getBoundingClientRect().right > {width} + 0.5
    || !element.closest('svg') && element.scrollWidth > element.clientWidth + 1
       && getComputedStyle(element).display != 'inline');
  const found = wide.map(element => element.tagName + ' ' + element.textContent.slice(0, 40));
  document.querySelector('pre').textContent = JSON.stringify(
    [page.body.querySelectorAll('*').length, page.documentElement.scrollWidth, found]);
}};
</script></body></html>"""

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason='chromium is not installed')


def wide_elements(page, width, folder):
    """Return the elements of an HTML text that do not fit into a window of this width in px."""
    file = folder / 'frame.html'
    file.write_text(FRAME.format(width=width, page=escape(page)), encoding='utf-8')
    shown = subprocess.run(
        [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--dump-dom',
         f'--user-data-dir={folder / "profile"}', file.as_uri()],
        capture_output=True, text=True, check=True,
    ).stdout
    count, page_width, found = json.loads(unescape(re.search('<pre>(.*?)</pre>', shown, re.S)[1]))
    assert count > 20, 'the page has no content'
    return found or (page_width > width and [f'the page is {page_width} px wide']) or []
