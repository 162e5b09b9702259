/** @file Counts judged units and computes rates. */
import { judge } from "./marked-units.mjs";

const isJavaScript = (language) => language === "typescript" || language === "tsx";

/** Counts units by collection and severity, and by rule. */
export function openTally() {
  const tables = new Map();
  const pairs = new Map();
  /** @param kind `right`, `missed`, `wrong` or `silent` */
  function count(title, part, kind) {
    const table = tables.get(title) ?? new Map();
    tables.set(title, table);
    const row = table.get(part) ?? { right: 0, missed: 0, wrong: 0, silent: 0 };
    table.set(part, row);
    row[kind] += 1;
  }
  /** A pair is right if the bad half is flagged and the good half is not. */
  function countPair(title, pair, kind) {
    const ofTitle = pairs.get(title) ?? new Map();
    pairs.set(title, ofTitle);
    ofTitle.set(pair, (ofTitle.get(pair) ?? true) && (kind === "right" || kind === "silent"));
  }
  return {
    /** Judges a test by findings of any severity, and by those of high and medium severity only. */
    add(test, findings, isList) {
      const title = `${test.collection}, ${isJavaScript(test.language) ? "javascript" : test.language}`;
      const part = `${test.rule} CWE-${test.cwes.join(",")}`;
      for (const { line, kind } of judge(test, findings)) {
        count(`${title}, any severity`, part, kind);
        if (test.pair !== undefined) countPair(`${title}, any severity`, test.pair, kind);
        if (isList && (kind === "missed" || kind === "wrong"))
          console.log(`  ${kind} ${test.path}:${line} ${part}`);
      }
      const heavy = findings.filter(({ severity }) => severity !== "low");
      for (const { kind } of judge(test, heavy)) count(`${title}, high and medium`, part, kind);
    },
    /** Prints a line per collection, and one per rule if requested. */
    say(isByPart) {
      for (const [title, table] of [...tables].sort()) {
        const sum = { right: 0, missed: 0, wrong: 0, silent: 0 };
        for (const row of table.values()) for (const kind of Object.keys(sum)) sum[kind] += row[kind];
        console.log(`${title}: ${rates(sum)}`);
        const both = [...(pairs.get(title)?.values() ?? [])];
        if (both.length > 0)
          console.log(`  right on both halves: ${both.filter(Boolean).length}/${both.length}`);
        if (!isByPart) continue;
        for (const [part, row] of [...table].sort(byNumber)) console.log(`  ${part}: ${rates(row)}`);
      }
    },
  };
}

const byNumber = ([a], [b]) => a.localeCompare(b, "en", { numeric: true });

/** Precision, recall and F1, also for a scanner that flags everything. */
export function rates({ right, missed, wrong, silent }) {
  const share = (part, whole) => (whole === 0 ? "-" : (part / whole).toFixed(3));
  const all = right + missed;
  return (
    `F1 ${share(2 * right, 2 * right + wrong + missed)} precision ${share(right, right + wrong)} recall ` +
    `${share(right, all)} (${right} found, ${missed} missed, ${wrong} false alarms), good flagged ` +
    `${share(wrong, wrong + silent)}; flagging all: F1 ${share(2 * all, 2 * all + wrong + silent)}`
  );
}
