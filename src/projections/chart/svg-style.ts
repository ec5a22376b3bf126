import { fonts } from './text.ts';

const light = `--paper:#fbfbfa;--box:#ffffff;--group:#f3f4f6;--line:#9aa2ad;--ink:#1c2430;--soft:#5c6675;--edge:#7b8594;--label:#fbfbfa;--label-line:#d5dae1;--chip:#e7ebf0;--lit:#0b6b46;--lit-fill:#dff5ea;--lit-group:#eefaf4;--taken:#b45309;--passed:#2563a8;--bad:#b3261e`;
const dark = `--paper:#14181d;--box:#1f252d;--group:#1a1f26;--line:#57616e;--ink:#e8ecf1;--soft:#a3adba;--edge:#818c9a;--label:#14181d;--label-line:#39424d;--chip:#313a45;--lit:#4cd39a;--lit-fill:#173a2c;--lit-group:#16261f;--taken:#f2a33a;--passed:#75b3f2;--bad:#ff8a80`;

const text = Object.entries(fonts).map(([name, { size, weight }]) => `.millrace-chart .${name}{font-size:${size}px;font-weight:${weight}}`).join('');

/** Everything is under `.millrace-chart`, so that a page can take the drawing in. `data-theme` on it or above wins over the reader's setting. */
export const style = `
.millrace-chart{${light}}
@media (prefers-color-scheme:dark){.millrace-chart{${dark}}}
[data-theme=light] .millrace-chart,.millrace-chart[data-theme=light]{${light}}
[data-theme=dark] .millrace-chart,.millrace-chart[data-theme=dark]{${dark}}
.millrace-chart text{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:var(--ink);white-space:pre}
${text}
.millrace-chart .detail,.millrace-chart .guard{fill:var(--soft)}
.millrace-chart .paper{fill:var(--paper)}
.millrace-chart .state>rect,.millrace-chart .state>circle{fill:var(--box);stroke:var(--line);stroke-width:1.2}
.millrace-chart .state.open>rect{fill:var(--group)}
.millrace-chart .state.parallel>rect{stroke-dasharray:6 4}
.millrace-chart .state>.inner{stroke-width:1}
.millrace-chart .chip{fill:var(--chip)}
.millrace-chart .face{pointer-events:none}
.millrace-chart .face.open text{paint-order:stroke;stroke:var(--group);stroke-width:4px;stroke-linejoin:round}
.millrace-chart .face.open .chips{stroke:none}
.millrace-chart .active.face.open text:not(.chips){stroke:var(--lit-group)}
.millrace-chart .mark{font-size:11px;text-anchor:middle}
.millrace-chart .start{fill:var(--soft)}
.millrace-chart .edge{fill:none;stroke:var(--edge);stroke-width:1.3}
.millrace-chart .arrow{fill:var(--edge)}
.millrace-chart .label>rect{fill:var(--label);stroke:var(--label-line);stroke-width:1}
.millrace-chart .label.failed .trigger{fill:var(--bad)}
.millrace-chart .passed.edge{stroke:var(--passed);stroke-width:1.8}
.millrace-chart .arrow.passed{fill:var(--passed)}
.millrace-chart .passed.label>rect{stroke:var(--passed)}
.millrace-chart .passed.state>rect{stroke:var(--passed)}
.millrace-chart .taken.edge{stroke:var(--taken);stroke-width:2.6}
.millrace-chart .arrow.taken{fill:var(--taken)}
.millrace-chart .taken.label>rect{stroke:var(--taken);stroke-width:1.8}
.millrace-chart .active.state>rect,.millrace-chart .active.state>circle{stroke:var(--lit);stroke-width:2.4;fill:var(--lit-fill)}
.millrace-chart .active.state.open>rect{fill:var(--lit-group);stroke-width:1.8}
.millrace-chart .within.state>rect{stroke:var(--taken);stroke-width:2.6;stroke-dasharray:8 5}
.millrace-chart .active.face>.title{fill:var(--lit)}
`;
