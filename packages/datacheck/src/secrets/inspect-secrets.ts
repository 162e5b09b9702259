/** @file Rows that contain secrets or personal data. */

import { messageText } from "@tunewise/core/rows";
import { type Evidence, type Observation, observe } from "../observation.ts";
import { placeText, type Severity } from "../problem/index.ts";
import type { Row } from "../row.ts";
import type { SecretMatch } from "./rule.ts";
import { scanText } from "./scan.ts";

/**
 * Email addresses alone are a note, or a warning in more rows than this number and more than this share of all rows.
 */
const fewEmailRows = 20;
const emailShare = 0.01;

/** Max matches named in the reason of one row. */
const named = 3;
/** Max kinds named in a finding. */
const kindsNamed = 4;

/** A match and the number of its turn, from 1. */
interface Turned {
  readonly match: SecretMatch;
  readonly turn: number;
  readonly role: string;
}

interface Seen {
  readonly row: Row;
  readonly found: readonly Turned[];
}

/**
 * `DATA_SECRET`: keys, tokens, passwords. An error if the format leaves no doubt, otherwise a warning. `DATA_PERSONAL`:
 * personal data. A warning, or a note for a few email addresses or test card numbers. Reads all turns with their
 * reasoning and calls, including system messages. No value is shown. Names of people are out of scope.
 */
export function inspectSecrets(rows: readonly Row[]): Observation[] {
  const remembered = new Map<string, readonly SecretMatch[]>();
  const seen: Seen[] = [];
  for (const row of rows) {
    const found = row.messages.flatMap((message, index) => {
      const { role } = message;
      const text = messageText(message);
      const matches = role === "system" ? (remembered.get(text) ?? scanText(text)) : scanText(text);
      if (role === "system" && remembered.size < 100) remembered.set(text, matches);
      return matches.map((match) => ({ match, turn: index + 1, role }));
    });
    if (found.length > 0) seen.push({ row, found });
  }
  const isSecret = ({ match }: Turned): boolean => !match.personal;
  const certain = pick(seen, (one) => isSecret(one) && one.match.severity === "error");
  const likely = pick(seen, (one) => isSecret(one) && one.match.severity !== "error");
  const personal = pick(seen, ({ match }) => match.personal && match.severity === "warning");
  const slight = pick(seen, ({ match }) => match.personal && match.severity === "note");
  const manyEmails = slight.length > fewEmailRows && slight.length > rows.length * emailShare;
  return [
    ...tell("DATA_SECRET", "error", certain),
    ...tell("DATA_SECRET", "warning", likely),
    ...tell("DATA_PERSONAL", "warning", personal),
    ...tell("DATA_PERSONAL", manyEmails ? "warning" : "note", slight),
  ];
}

function pick(seen: readonly Seen[], wanted: (one: Turned) => boolean): Seen[] {
  return seen.flatMap(({ row, found }) => {
    const kept = found.filter(wanted);
    return kept.length === 0 ? [] : [{ row, found: kept }];
  });
}

function tell(
  code: "DATA_SECRET" | "DATA_PERSONAL",
  severity: Severity,
  seen: readonly Seen[],
): Observation[] {
  const [shown] = seen;
  if (shown === undefined) return [];
  const evidence = seen.map(
    ({ row, found }): Evidence => ({ place: row.place, reason: reasonOf(found), remedy: "redact" }),
  );
  const about = { kinds: kindsOf(seen), first: placeText(shown.row.place) };
  return [observe(code, severity, about, evidence)];
}

/** `GitHub personal access token ghp_…(40) in turn 2 (assistant)`. */
function reasonOf(found: readonly Turned[]): string {
  const told = found
    .slice(0, named)
    .map(({ match, turn, role }) => `${match.title} ${match.masked} in turn ${turn} (${role})`);
  const more = found.length - named;
  return told.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** The kinds, by frequency. */
function kindsOf(seen: readonly Seen[]): string {
  const counts = new Map<string, number>();
  for (const { found } of seen) {
    for (const { match } of found) counts.set(match.title, (counts.get(match.title) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const told = sorted.slice(0, kindsNamed).map(([title, count]) => `${title} ${count}`);
  const more = sorted.length - kindsNamed;
  return told.join(", ") + (more > 0 ? `, and ${more} kinds more` : "");
}
