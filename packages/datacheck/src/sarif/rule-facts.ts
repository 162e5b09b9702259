/**
 * @file Reads a SARIF result's CWE numbers and severity, in the forms that common scanners use.
 *
 * @source OASIS SARIF 2.1.0, sections 3.8 (properties), 3.27.10 (level), 3.49 (rule), 3.52 (reference), 3.53
 * (relationship)
 */
import type { CodeSeverity } from "../codescan/index.ts";
import { countIn, listIn, type Node, nodeIn, textIn } from "./node.ts";

/** Max tags, relations and numbers read per rule. */
const maxEntries = 200;

/** `CWE-89`, `cwe:89`, `cwe89`, `external/cwe/cwe-089`, `CWE_89`. */
const named = /\bcwe[-_:/ ]{0,3}0{0,4}([1-9]\d{0,3})\b/gi;
/** `https://cwe.mitre.org/data/definitions/89.html`. */
const linked = /cwe\.mitre\.org\/data\/definitions\/0{0,4}([1-9]\d{0,3})\b/gi;

/** CWE numbers in a text. */
export function weaknessesIn(text: string): number[] {
  return [...text.matchAll(linked), ...text.matchAll(named)].map(([, number]) => Number(number));
}

/** Keys of properties that contain only CWE numbers: `89`, `["CWE-89"]`, `{ "id": 89 }`. */
const numberKeys = /^(issue_?)?cwes?(_?ids?)?$/i;

function inProperties(properties: Node): number[] {
  return Object.entries(properties)
    .slice(0, maxEntries)
    .flatMap(([key, value]) => {
      const entries = [value, ...listIn(value, maxEntries)];
      const isNumber = numberKeys.test(key);
      if (!isNumber && !/^(tags|owasp|metadata|security|categories)$/i.test(key)) return [];
      return entries.flatMap((entry) => (isNumber ? numbersOf(entry) : weaknessesIn(textIn(entry))));
    });
}

/** CWE numbers of a value that contains nothing else. */
function numbersOf(value: unknown): number[] {
  const inside = nodeIn(value)["id"] ?? value;
  const plain = typeof inside === "string" && /^0{0,4}[1-9]\d{0,3}$/.test(inside) ? Number(inside) : inside;
  const count = countIn(plain);
  return count === undefined ? weaknessesIn(textIn(inside)) : [count];
}

/** CWE numbers in references to taxa: plain numbers if the taxonomy is named CWE, otherwise ids such as `CWE-89`. */
function inReferences(references: readonly unknown[]): number[] {
  return references.flatMap((one) => {
    const { target: inner, ...outer } = nodeIn(one);
    const target = inner === undefined ? outer : nodeIn(inner);
    const taxonomy = textIn(nodeIn(target["toolComponent"])["name"]);
    return /^cwe\b/i.test(taxonomy) ? numbersOf(target["id"]) : weaknessesIn(textIn(target["id"]));
  });
}

/**
 * CWE numbers of rules whose scanners give none.
 *
 * @source eslint/eslint lib/rules; eslint-community/eslint-plugin-security README, "Rules"
 */
const known: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "no-eval": 95,
    "no-implied-eval": 95,
    "no-new-func": 95,
    "no-script-url": 79,
    "no-unsanitized/method": 79,
    "no-unsanitized/property": 79,
    "react/no-danger": 79,
    "security/detect-bidi-characters": 1007,
    "security/detect-buffer-noassert": 119,
    "security/detect-child-process": 78,
    "security/detect-disable-mustache-escape": 79,
    "security/detect-eval-with-expression": 95,
    "security/detect-new-buffer": 770,
    "security/detect-no-csrf-before-method-override": 352,
    "security/detect-non-literal-fs-filename": 22,
    "security/detect-non-literal-regexp": 1333,
    "security/detect-non-literal-require": 95,
    "security/detect-object-injection": 915,
    "security/detect-possible-timing-attacks": 208,
    "security/detect-pseudoRandomBytes": 338,
    "security/detect-unsafe-regex": 1333,
  }),
);

/** The CWE numbers of a result, the most specific first; empty if the scanner gives none. */
export function weaknessesOf(result: Node, rule: Node, id: string): number[] {
  const numbers = [
    ...inReferences(listIn(result["taxa"], maxEntries)),
    ...inProperties(nodeIn(result["properties"])),
    ...inReferences(listIn(rule["relationships"], maxEntries)),
    ...inProperties(nodeIn(rule["properties"])),
    ...weaknessesIn(textIn(rule["helpUri"])),
    ...weaknessesIn(id),
  ];
  if (numbers.length > 0) return [...new Set(numbers)];
  const found = known.get(id);
  if (found !== undefined) return [found];
  const texts = [result["message"], rule["shortDescription"], rule["fullDescription"], rule["help"]];
  return [...new Set(texts.flatMap((one) => weaknessesIn(textIn(nodeIn(one)["text"], 4_000))))];
}

const lower: Readonly<Record<CodeSeverity, CodeSeverity>> = { high: "medium", medium: "low", low: "low" };

/**
 * The severity of a result; `null` if it is not a failure.
 *
 * @source CodeQL's `security-severity`: from 7 high, from 4 medium; level `none` marks a result that is not a failure
 */
export function severityOf(result: Node, rule: Node): CodeSeverity | null {
  const kind = textIn(result["kind"]) || "fail";
  if (!/^(fail|open|review)$/.test(kind)) return null;
  const configuration = nodeIn(rule["defaultConfiguration"]);
  const level = textIn(result["level"]) || textIn(configuration["level"]) || "warning";
  if (level === "none") return null;
  const [own, general] = [nodeIn(result["properties"]), nodeIn(rule["properties"])];
  const score = Number(own["security-severity"] ?? general["security-severity"] ?? Number.NaN);
  const byLevel = level === "error" ? "high" : level === "warning" ? "medium" : "low";
  const severity = score >= 7 ? "high" : score >= 4 ? "medium" : score > 0 ? "low" : byLevel;
  const confidence = textIn(own["issue_confidence"] ?? own["confidence"] ?? general["precision"]);
  return /^low$/i.test(confidence) ? lower[severity] : severity;
}
