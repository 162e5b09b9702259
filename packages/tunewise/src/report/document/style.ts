/** @file Style sheet of HTML reports, light and dark by system preference; one text with one hash. */

/** Plain CSS without external fonts or images. */
export const reportStyle: string = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1a1f29; --quiet: #5b6472; --line: #dfe3e9; --hair: #edf0f4;
  --accent: #1f6feb; --second: #c2570c; --code: #f1f3f6; --added: #d8f0e1; --missing: #fbdcd9;
  --good: #1a7f4b; --good-soft: #e6f5ec; --bad: #b42318; --bad-soft: #fdecea;
  --open: #8a6100; --open-soft: #fdf4dc;
  --sans: system-ui, -apple-system, "Segoe UI", Inter, Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1319; --card: #171c24; --ink: #e6e9ee; --quiet: #98a2b1; --line: #2c3441; --hair: #222935;
    --accent: #6ea8ff; --second: #f5a25d; --code: #1e2530; --added: #173d29; --missing: #4a1f1c;
    --good: #5fd394; --good-soft: #12291d; --bad: #ff8f85; --bad-soft: #331816;
    --open: #f0c14f; --open-soft: #2e2611;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 var(--sans); }
main { max-width: 900px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 17px; margin: 44px 0 12px; }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 6px; color: var(--quiet); }
p { margin: 0 0 12px; }
header p { margin: 6px 0 20px; }
header > p, .quiet { color: var(--quiet); }
code, pre { font: 13px/1.5 var(--mono); }
code { overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; }
.judgement { border-left: 5px solid; padding: 18px 22px; }
.judgement strong { display: block; font-size: 13px; letter-spacing: .02em; margin-bottom: 4px; }
.judgement p { font-size: 19px; line-height: 1.45; margin: 0; text-wrap: pretty; }
.judgement .do { font-size: 27px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
.judgement .why { font-size: 17px; margin: 0 0 12px; }
.judgement .command { background: var(--code); border-radius: 7px; padding: 8px 12px; margin: 0 0 16px; }
.judgement .do ~ p:last-child { font-size: 15px; color: var(--quiet); }
.good .do { color: var(--good); }
.bad .do { color: var(--bad); }
.open .do { color: var(--open); }
.parts { margin-top: 32px; border-top: 1px solid var(--line); }
.part { margin: 0; border-bottom: 1px solid var(--line); }
.part > summary { padding: 13px 2px; color: var(--ink); font-size: 15px; font-weight: 600; }
.part > summary h2 { display: inline; margin: 0; font: inherit; }
.part > :last-child { margin-bottom: 20px; }
.good { border-left-color: var(--good); }
.good strong { color: var(--good); }
.bad { border-left-color: var(--bad); }
.bad strong { color: var(--bad); }
.open { border-left-color: var(--open); }
.open strong { color: var(--open); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin-top: 12px; }
.tile { padding: 14px 16px; }
.tile b {
  display: block; font-size: 23px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; white-space: nowrap;
}
.tile span { display: block; color: var(--quiet); font-size: 13px; }
.tile svg { margin-top: 8px; height: 6px; }
.bar-back { fill: var(--line); }
.bar { fill: var(--accent); }
svg { display: block; width: 100%; height: auto; overflow: visible; font: 12px var(--sans); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 8px 14px 8px 0; }
th, td { border-bottom: 1px solid var(--hair); }
td:first-child, td:last-child:not(.number) { min-width: 96px; }
.facts td { overflow-wrap: anywhere; }
th { color: var(--quiet); font-size: 13px; font-weight: 500; border-bottom-color: var(--line); }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.apart { margin-top: 18px; }
.matrix { width: auto; }
.matrix th { padding: 5px 10px; border: 0; overflow-wrap: anywhere; max-width: 140px; vertical-align: bottom; }
.matrix thead th:first-child { font-style: italic; }
.matrix .cell { text-align: right; min-width: 44px; padding: 6px 10px; border: 2px solid var(--card); }
.hit { --shade: var(--good); }
.miss { --shade: var(--bad); }
.shade-0 { color: var(--quiet); background: var(--hair); }
.shade-1 { background: color-mix(in srgb, var(--shade) 12%, var(--card)); }
.shade-2 { background: color-mix(in srgb, var(--shade) 22%, var(--card)); }
.shade-3 { background: color-mix(in srgb, var(--shade) 34%, var(--card)); }
.shade-4 { background: color-mix(in srgb, var(--shade) 46%, var(--card)); }
.shade-5 { background: color-mix(in srgb, var(--shade) 58%, var(--card)); }
.facts td:first-child { color: var(--quiet); width: 190px; }
.after { margin: 14px 0 0; color: var(--quiet); font-size: 14px; }
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--quiet); font-size: 13px; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
details table { margin-top: 8px; }
.grid { stroke: var(--hair); }
.tick { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.key { fill: var(--ink); font-size: 13px; }
.value { fill: var(--ink); font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; }
.value.quiet { fill: var(--quiet); font-weight: 500; }
.start { text-anchor: start; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
path { fill: none; stroke-linejoin: round; }
.train-raw { stroke: var(--accent); stroke-width: 1; opacity: .4; }
.train { stroke: var(--accent); stroke-width: 2.2; }
.validation { stroke: var(--second); stroke-width: 2; stroke-dasharray: 6 4; }
.validation-dot { fill: var(--card); stroke: var(--second); stroke-width: 2; }
.forgotten-dot { fill: var(--card); stroke: var(--accent); stroke-width: 2; }
.limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; }
.kept { stroke: var(--quiet); stroke-dasharray: 2 3; }
.change { stroke: var(--accent); stroke-width: 3; opacity: .22; }
.bound { stroke: var(--quiet); stroke-width: 1.5; }
.base-dot { fill: var(--card); stroke: var(--quiet); stroke-width: 2.5; }
.tuned-dot { fill: var(--accent); }
ul.plain { list-style: none; margin: 0; padding: 0; }
ul.plain li { padding: 9px 0; border-bottom: 1px solid var(--hair); }
ul.plain li:last-child { border-bottom: 0; padding-bottom: 0; }
.fix { color: var(--quiet); font-size: 13px; margin: 3px 0 0 74px; }
.mark {
  display: inline-block; min-width: 62px; margin-right: 8px; padding: 1px 8px; border-radius: 5px;
  font-size: 12px; font-weight: 600; text-align: center;
}
.mark.error, .mark.stop, .mark.wrong, .mark.fail { color: var(--bad); background: var(--bad-soft); }
.mark.warning, .mark.warn, .mark.cannot-tell { color: var(--open); background: var(--open-soft); }
.mark.note { color: var(--quiet); background: var(--hair); }
.mark.right, .mark.pass { color: var(--good); background: var(--good-soft); }
blockquote {
  margin: 6px 0 0; padding: 2px 0 2px 12px; border-left: 3px solid var(--line);
  font-size: 13px; overflow-wrap: anywhere;
}
li > pre { margin-top: 6px; padding: 6px 10px; border-radius: 7px; background: var(--code); }
details details { margin-left: 8px; }
mark { color: inherit; background: var(--open-soft); border-radius: 3px; padding: 0 2px; }
.sample { margin-bottom: 12px; }
.below { margin-top: 12px; }
.card > .after:first-child { margin-top: 0; }
.after + p:not(.after) { margin-top: 12px; }
.prompt { border-bottom: 1px solid var(--hair); margin-bottom: 12px; padding-bottom: 12px; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px 20px; }
.answers h3 .mark { min-width: 0; margin: 0 0 0 6px; }
ins, del { border-radius: 3px; padding: 0 2px; }
ins { background: var(--added); text-decoration: underline; text-underline-offset: 3px; }
del { background: var(--missing); }
.tokens span { border-right: 1px solid var(--hair); }
.tokens .trained { background: var(--added); box-shadow: inset 0 -2px 0 var(--good); }
.tokens .special { color: var(--accent); font-weight: 600; }
.tokens .gone { color: var(--quiet); text-decoration: line-through; background: none; box-shadow: none; }
.commands p { margin: 12px 0 4px; color: var(--quiet); font-size: 14px; }
.commands p:first-child { margin-top: 0; color: var(--ink); }
.commands pre { background: var(--code); border-radius: 7px; padding: 9px 12px; }
footer { margin-top: 40px; color: var(--quiet); font-size: 13px; }
@media (max-width: 720px) {
  main { padding: 24px 16px; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  body { background: #fff; }
  main { max-width: none; padding: 0; }
  .card { break-inside: avoid; }
}
`;
