/**
 * @file The style sheet of `report.html`, light and dark by the reader's system. One text, so that its hash
 can be named. */

/** Plain CSS; no outside font, no image. */ export const reportStyle: string = ` :root{color-scheme:light
dark;--page:#f6f7f9;--card:#fff;--ink:#1a1f29;--quiet:#5b6472;--line:#dfe3e9;--hair:#edf0f4; --accent:#1f6fe
b;--second:#c2570c;--good:#1a7f4b;--good-soft:#e6f5ec;--bad:#b42318;--bad-soft:#fdecea;--open:#8a6100;
--open-soft:#fdf4dc;--added:#d8f0e1;--missing:#fbdcd9;--code:#f1f3f6} @media (prefers-color-scheme:dark){:ro
ot{--page:#0f1319;--card:#171c24;--ink:#e6e9ee;--quiet:#98a2b1;--line:#2c3441; --hair:#222935;--accent:#6ea8
ff;--second:#f5a25d;--good:#5fd394;--good-soft:#12291d;--bad:#ff8f85;--bad-soft:#331816;
--open:#f0c14f;--open-soft:#2e2611;--added:#173d29;--missing:#4a1f1c;--code:#1e2530}}
*{box-sizing:border-box} body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55
system-ui,-apple-system,"Segoe UI",Inter,Roboto, "Helvetica Neue",Arial,sans-serif}
main{max-width:900px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em} h2{font-size:17px;margin:44px 0 12px}
h3{font-size:13px;margin:0 0 6px;color:var(--quiet);font-weight:600} p{margin:0 0 12px} header
p,.quiet{color:var(--quiet)} header p{margin:6px 0 20px} code{font:13px/1.5 ui-monospace,"SF
Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace} pre{font:13px/1.5 ui-monospace,"SF
Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;margin:0;white-space:pre-wrap; overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
.judgement{border-left:5px solid;padding:18px 22px} .judgement
strong{display:block;font-size:13px;letter-spacing:.02em;margin-bottom:4px} .judgement
p{font-size:19px;line-height:1.45;margin:0;text-wrap:pretty} .good{border-left-color:var(--good)}.good
strong{color:var(--good)} .bad{border-left-color:var(--bad)}.bad strong{color:var(--bad)}
.open{border-left-color:var(--open)}.open strong{color:var(--open)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin-top:12px} .tile{padding:14px 16px}
.tile b{display:block;font-size:23px;line-height:1.25;font-weight:650;letter-spacing:-.01em;
font-variant-numeric:tabular-nums;white-space:nowrap} .tile span{color:var(--quiet);font-size:13px} .tile
svg{display:block;margin-top:8px;height:6px} .bar-back{fill:var(--hair)}.bar{fill:var(--accent)}
svg{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe
UI",Inter,Roboto,Arial,sans-serif; overflow:visible} .scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th,td{text-align:left;padding:8px 14px 8px 0;border-bottom:1px solid var(--hair);vertical-align:top}
td{overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:500;font-size:13px;border-bottom-color:var(--line)} tr:last-child
td{border-bottom:0} th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap} .facts td:first-child{color:var(--quiet);width:190px}
.after{margin:14px 0 0;color:var(--quiet);font-size:14px} details{margin-top:14px}
summary{cursor:pointer;color:var(--quiet);font-size:13px} summary:focus-visible{outline:2px solid
var(--accent);outline-offset:2px} details table{margin-top:8px} .grid{stroke:var(--hair)}
.tick{fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
.key{fill:var(--ink);font-size:13px}
.value{fill:var(--ink);font-size:14px;font-weight:600;font-variant-numeric:tabular-nums}
text.quiet{fill:var(--quiet);font-weight:500}
.start{text-anchor:start}.middle{text-anchor:middle}.end{text-anchor:end}
path{fill:none;stroke-linejoin:round} .train-raw{stroke:var(--accent);stroke-width:1;opacity:.28}
.train{stroke:var(--accent);stroke-width:2.2}
.validation{stroke:var(--second);stroke-width:2;stroke-dasharray:6 4}
.validation-dot{fill:var(--card);stroke:var(--second);stroke-width:2}
.kept{stroke:var(--quiet);stroke-dasharray:2 3} .change{stroke:var(--accent);stroke-width:3;opacity:.22}
.bound{stroke:var(--quiet);stroke-width:1.5}
.base-dot{fill:var(--card);stroke:var(--quiet);stroke-width:2.5} .tuned-dot{fill:var(--accent)}
ul.plain{list-style:none;margin:0;padding:0} ul.plain li{padding:9px 0;border-bottom:1px solid var(--hair)}
ul.plain li:last-child{border-bottom:0}
.mark{display:inline-block;min-width:62px;margin-right:8px;padding:1px 8px;border-radius:5px;font-size:12px;
font-weight:600;text-align:center}
.mark.error,.mark.stop,.mark.wrong{color:var(--bad);background:var(--bad-soft)}
.mark.warning,.mark.warn{color:var(--open);background:var(--open-soft)}
.mark.note{color:var(--quiet);background:var(--hair)}
.mark.right{color:var(--good);background:var(--good-soft)} .sample{margin-bottom:12px} .sample
.prompt{border-bottom:1px solid var(--hair);margin-bottom:12px;padding-bottom:12px}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:12px 20px} .answers h3
.mark{min-width:0;margin:0 0 0 6px} ins{background:var(--added);text-decoration:underline;text-decoration-th
ickness:1px;text-underline-offset:3px} del{background:var(--missing)} ins,del{border-radius:3px;padding:0
2px} .commands p{margin:12px 0 4px;color:var(--quiet);font-size:14px} .commands p:first-child{margin-top:0}
.commands pre{background:var(--code);border-radius:7px;padding:9px 12px}
footer{margin-top:40px;color:var(--quiet);font-size:13px} @media
(max-width:720px){.tiles{grid-template-columns:repeat(2,1fr)}main{padding:24px 16px}} @media
print{body{background:#fff}.card{break-inside:avoid}main{max-width:none;padding:0}} `;
