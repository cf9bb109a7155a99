# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The looks of the page."""

CSS = """
:root { --ink: #24292f; --faint: #6a737d; --line: #e3e6e9; --fit: #2f855a; --partly: #b7791f;
  --unfit: #cf2f2f; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; color: var(--ink);
  background: #fff; font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans',
  sans-serif; }
h1 { margin: 0 0 .75rem; font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .25rem; font-size: 1.15rem;
  border-bottom: 1px solid var(--line); }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; font-weight: 600; }
p { margin: .5rem 0; }
.hint { color: var(--faint); font-size: .875rem; }
.verdict { margin: 0 0 1.25rem; padding: .75rem 1rem; border-left: .35rem solid;
  border-radius: 3px; overflow-wrap: anywhere; }
.verdict b { font-size: 1.1rem; }
.fit { border-color: var(--fit); background: #eef7f1; }
.partly { border-color: var(--partly); background: #fdf6e6; }
.unfit { border-color: var(--unfit); background: #fdf0ef; }
.fit b { color: var(--fit); } .partly b { color: #8a5a12; } .unfit b { color: var(--unfit); }
dl { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: 0; }
dt { color: var(--faint); font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { flex-basis: 100%; }
ul { margin: .5rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
li { margin: .3rem 0; }
.remedy { color: #57606a; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--faint); font-weight: 500; vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
td small { display: block; color: var(--faint); }
.alarm { color: var(--unfit); font-weight: 600; }
svg { display: block; width: 100%; min-width: 38rem; height: auto; font-family: inherit; }
svg * { stroke-linejoin: round; stroke-linecap: butt; }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .5rem;
  border-radius: 2px; }
.frames { display: flex; flex-wrap: wrap; gap: .75rem; }
figure { flex: 0 0 10.5rem; margin: 0; break-inside: avoid; }
figure img { display: block; width: 100%; background: #000; border-radius: 3px; }
figcaption { font-size: .8rem; overflow-wrap: anywhere; }
figcaption span { color: var(--faint); }
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; -webkit-print-color-adjust: exact;
    print-color-adjust: exact; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; }
  th, td { padding: .2rem .35rem; }
  th, td:first-child { white-space: normal; }
  .hint { font-size: 8pt; }
  svg { min-width: 0; }
  h2, h3 { break-after: avoid; }
  tr, .verdict { break-inside: avoid; }
}
"""
