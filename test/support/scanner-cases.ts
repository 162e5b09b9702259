/**
 * @file Reads the cases of scanner rules: code that a rule must find, and code that no rule of its language may find.
 *
 * `packages/datacheck/test/cases/LANGUAGE/GROUP.md` holds the cases of `rules/LANGUAGE/GROUP.ts`: a heading `## ID` per
 * rule, below it `### Found` and `### Not found`, and one fenced block per case.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = resolve(import.meta.dirname, "../../packages/datacheck/test/cases");

/** The cases of a rule. Each ends with a line break. */
export interface RuleCases {
  readonly found: readonly string[];
  readonly notFound: readonly string[];
}

/** The cases of all rules by rule id. */
export function readCases(): ReadonlyMap<string, RuleCases> {
  const all = new Map<string, RuleCases>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!name.endsWith(".md")) continue;
    for (const [id, cases] of parseCases(readFileSync(join(folder, name), "utf8"), name)) {
      if (all.has(id)) throw new Error(`${name}: another file has cases of ${id}`);
      all.set(id, cases);
    }
  }
  return all;
}

/** The cases in the text of a file. Text outside the form is an error, so that no case is skipped. */
export function parseCases(text: string, name: string): ReadonlyMap<string, RuleCases> {
  const rules = new Map<string, { found: string[]; notFound: string[] }>();
  let rule: { found: string[]; notFound: string[] } | undefined;
  let cases: string[] | undefined;
  const parts = /^(`{3,}).*\n([\s\S]*?\n)??\1$|^.*$/gm;
  for (const { 0: part, 2: code, index } of text.matchAll(parts)) {
    const id = /^## (\S+)$/.exec(part)?.[1];
    const isUnclear = (id !== undefined && rules.has(id)) || (code !== undefined && cases === undefined);
    if (id !== undefined && !isUnclear) {
      rule = { found: [], notFound: [] };
      cases = undefined;
      rules.set(id, rule);
    } else if (rule !== undefined && part === "### Found") cases = rule.found;
    else if (rule !== undefined && part === "### Not found") cases = rule.notFound;
    else if (code !== undefined && !isUnclear) cases?.push(code);
    else if (part !== "" && !(rule === undefined && part.startsWith("# "))) {
      const line = text.slice(0, index).split("\n").length;
      throw new Error(
        `${name}:${line}: not a rule, a section or a case of a section: ${part.split("\n")[0]}`,
      );
    }
  }
  return rules;
}
