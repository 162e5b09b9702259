import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sampleForgetting, sampleReport } from "../../../../../test/support/sample-report.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import { code, escapeMarkdown, fenced } from "../document/markdown-text.ts";
import { escapeHtml, html } from "../document/markup.ts";
import { cut, visible } from "../document/plain-text.ts";
import type { RunReport } from "./report.ts";
import { runReport } from "./run-report.ts";

const payloads = [
  "</script><img src=x onerror=alert(1)>",
  "</style></title></pre><script>alert(1)</script>",
  `" onmouseover="alert(1)" x='`,
  "javascript:alert(1)",
  "`````\n</text>\n# heading\n<iframe>",
  "a | b\n| --- |\n[link](http://evil.example) ![x](http://evil.example/p.png)",
  "\u202egnp.exe \u0000\u001b[31m \ud800 \u2066x",
  "$(x) {{x}} <%= y %> &lt;b&gt;",
];

/** Fixed words of the program that select a branch; everything else may come from a run. */
const own = new Set([
  "completed",
  "better",
  "warn",
  "warning",
  "note",
  "accuracy",
  "json_valid",
  "rouge_l",
  "perplexity",
  "fail",
  "cannot-tell",
  "newcombe",
  "general",
]);

/** A report with every section. */
const whole = (): RunReport => sampleReport({ forgetting: sampleForgetting() });

/** Appends a payload to every text of the report. */
function poisoned<Value>(value: Value, payload: string): Value {
  if (typeof value === "string") return (own.has(value) ? value : `${value}${payload}`) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => poisoned(item, payload)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, poisoned<unknown>(item, payload)]);
  return Object.fromEntries(entries) as Value;
}

/** All tags with the names of their attributes. Texts are escaped, so every `<` must begin a tag of the template. */
function tagsOf(page: string): string[] {
  const body = page.replace(/<style>[\s\S]*?<\/style>/, "");
  return [...body.matchAll(/<(\/?[^\s>]*)([^>]*)/g)].map(([, name, rest]) => {
    const attributes = [...(rest ?? "").matchAll(/([\w-]+)="[^"]*"/g)].map(([, attribute]) => attribute);
    return [name, ...attributes, ...(rest?.endsWith("/") ? ["/"] : [])].join(" ");
  });
}

describe("report.html", () => {
  it.each(payloads)("has the same tags with %j in every text", (payload) => {
    // Differing answers get diff marks of their own; with equal answers, both pages have the same tags.
    const answers = (report: RunReport): RunReport => ({
      ...report,
      samples: report.samples.map((sample) => ({
        ...sample,
        tuned: { ...sample.tuned, text: sample.reference },
        base: sample.base && { ...sample.base, text: sample.reference },
      })),
    });
    const harmless = documentHtml(runReport(answers(whole())));
    const hostile = documentHtml(runReport(answers(poisoned(whole(), payload))));
    expect(tagsOf(hostile)).toEqual(tagsOf(harmless));
  });

  it("opens and closes every tag", () => {
    const empty = /^(?:meta|!doctype)\b|\/$/;
    const open: string[] = [];
    for (const tag of tagsOf(documentHtml(runReport(whole())))) {
      const [name = ""] = tag.split(" ");
      if (name.startsWith("/")) expect(open.pop()).toBe(name.slice(1));
      else if (!empty.test(tag)) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it("lets in its own style sheet by hash, and nothing else", () => {
    const page = documentHtml(runReport(sampleReport()));
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    expect(policy.replaceAll("&#39;", "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|\shref=|\ssrc=|@import|url\(/i);
  });

  it("is small and the same each time", () => {
    expect(documentHtml(runReport(sampleReport()))).toBe(documentHtml(runReport(sampleReport())));
    expect(documentHtml(runReport(sampleReport())).length).toBeLessThan(60_000);
  });

  it("says what it has when hardly anything is known", () => {
    const page = documentHtml(runReport(bare()));
    expect(page).toContain("Not evaluated");
    expect(page).toContain("The run ended without an adapter.");
    expect(page).not.toMatch(/undefined|NaN|null|\[object/);
  });

  it("shows marks, numbers and tables", () => {
    const page = documentHtml(runReport(sampleReport()));
    expect(page).toContain("<del>medium</del><ins>low</ins>");
    expect(page).toContain('<td class="number">+84.2 points</td>');
    expect(page.match(/<details/g)).toHaveLength(9);
    expect(page).toContain("(prefers-color-scheme: dark)");
  });
});

describe("report.md", () => {
  it.each(payloads)("holds no markup with %j in every text", (payload) => {
    const outside = withoutCode(documentMarkdown(runReport(poisoned(whole(), payload))));
    expect(outside).not.toMatch(/<\/?[a-z]/i);
    expect(outside).not.toMatch(/(?<!\\)!?\[[^\]]*(?<!\\)\]\(/);
    expect(outside.match(/^#.*$/gm)?.length).toBe(
      withoutCode(documentMarkdown(runReport(whole()))).match(/^#.*$/gm)?.length,
    );
    const cells = (text: string): string[] =>
      (text.match(/^\|.*$/gm) ?? []).map((line) => String(line.split(/(?<!\\)\|/).length));
    expect(cells(outside)).toEqual(cells(withoutCode(documentMarkdown(runReport(whole())))));
  });

  it("begins with the judgement", () => {
    const [title, action, command, sentence, run] = documentMarkdown(runReport(sampleReport())).split("\n\n");
    expect(title).toBe("# tickets: training helped");
    expect(action).toMatch(/^\*\*Ship it\. /);
    expect(command).toContain("tunewise model serve 20261124-204512-tickets-7f3a");
    expect(sentence).toMatch(/^Tuned answers 87\.4 % of 500 rows right, .* of a \$1\.00 cap\.$/);
    expect(run).toBe(
      "Run `20261124-204512-tickets-7f3a` of `HuggingFaceTB/SmolLM2-135M-Instruct` (`main`), " +
        "2026-11-24 20:45 UTC.",
    );
  });

  it("says what it has when hardly anything is known", () => {
    expect(documentMarkdown(runReport(bare()))).not.toMatch(/undefined|NaN|null|\[object/);
  });
});

describe("texts", () => {
  const cases: [string, string, string][] = [
    ["html", escapeHtml(`<a href="x" id='y'>&`), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;"],
    [
      "markup stays",
      html`<b>${html`<i>${"<"}</i>`}${null}${[1, "&"]}</b>`.markup,
      "<b><i>&lt;</i>1&amp;</b>",
    ],
    ["a direction mark", visible("a\u202eb"), "a\\u{202e}b"],
    ["half a character", visible("a\ud800b"), "a\\u{d800}b"],
    ["an escape", visible("\u001b[31m"), "\\u{1b}[31m"],
    ["honest letters", visible("é 日本 😀\tx\ny"), "é 日本 😀\tx\ny"],
    ["a line break of Windows", visible("a\r\nb"), "a\nb"],
    ["cut", cut("abcdef", 3), "abc ... (3 more characters)"],
    ["not cut", cut("abc", 3), "abc"],
    ["a line", escapeMarkdown("a|b\n*c* `d` <e>"), "a\\|b \\*c\\* \\`d\\` &lt;e&gt;"],
    ["code", code("a`b``c"), "``` a`b``c ```"],
    ["a block", fenced("```\nx"), "````text\n```\nx\n````"],
  ];
  it.each(cases)("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });
});

/** Removes fenced blocks and code spans, in which everything is text. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, "")
    .replace(/(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");
}

/** A run that failed before its first step. */
function bare(): RunReport {
  const sample = sampleReport();
  const nothing = { planned: null, actual: null };
  return {
    ...sample,
    run: { ...sample.run, endedAt: null },
    settings: [],
    data: { splits: [], findings: [] },
    figures: {
      memoryBytesPeak: nothing,
      wall: nothing,
      cost: nothing,
      steps: nothing,
      tokens: nothing,
      tokensPerSecond: nothing,
    },
    curves: { train: [], validation: [], keptStep: null },
    scores: [],
    samples: [],
    guards: [],
    versions: [],
    adapter: null,
    commands: [],
    limits: [],
  };
}
