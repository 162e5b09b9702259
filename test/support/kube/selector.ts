/** @file Label selectors: `a=b,c!=d,e in (f,g),!h`. */
import { badRequest } from "./status.ts";

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const [key, value] = ["([A-Za-z0-9][A-Za-z0-9_./-]*)", "([A-Za-z0-9_.-]*)"];
const forms: readonly [RegExp, (name: string, right: string) => Requirement][] = [
  [new RegExp(`^${key}\\s*==?\\s*${value}$`), (name, right) => (labels) => labels[name] === right],
  [new RegExp(`^${key}\\s*!=\\s*${value}$`), (name, right) => (labels) => labels[name] !== right],
  [new RegExp(`^${key}\\s+in\\s+\\(([^()]*)\\)$`), (name, right) => isIn(name, right, true)],
  [new RegExp(`^${key}\\s+notin\\s+\\(([^()]*)\\)$`), (name, right) => isIn(name, right, false)],
  [new RegExp(`^${key}$`), (name) => (labels) => labels[name] !== undefined],
  [new RegExp(`^!\\s*${key}$`), (name) => (labels) => labels[name] === undefined],
];

/** Parses a selector. For `!=`, a missing label counts as a different value. */
export function selectorOf(text: string): Requirement {
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  const all = parts.filter((part) => part !== "").map(requirementOf);
  return (labels) => all.every((requirement) => requirement(labels));
}

function requirementOf(text: string): Requirement {
  for (const [form, make] of forms) {
    const [found, name = "", right = ""] = form.exec(text) ?? [];
    if (found !== undefined) return make(name, right);
  }
  throw badRequest(`unable to parse requirement: ${text}`);
}

function isIn(name: string, right: string, isWanted: boolean): Requirement {
  const values = new Set(right.split(",").map((one) => one.trim()));
  return (labels) => values.has(labels[name] ?? "\0") === isWanted;
}
