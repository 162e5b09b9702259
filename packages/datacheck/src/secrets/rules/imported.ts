/** @file Rules imported from gitleaks, with additions of this package: checksums, severities, kinds. */
import { endsInChecksum } from "../proofs.ts";
import { assigned, type SecretRule, type TokenOptions, token } from "../rule.ts";
import { gitleaksTable } from "./gitleaks.ts";

const checked = { checksum: endsInChecksum } as const;
const forTests = { severity: "warning" } as const;

/** Additions by rule id, or by the literal at the start of a format. */
const known: Readonly<Record<string, TokenOptions>> = {
  "github-pat": checked,
  "github-oauth": checked,
  "github-app-token": checked,
  "npm-access-token": checked,
  sk_test_: forTests,
  rk_test_: forTests,
  shippo_test_: forTests,
  test_: forTests,
  duffel_test_: forTests,
  "easypost-test-api-token": forTests,
  "planetscale-password": { kind: "PASSWORD" },
  "age-secret-key": { kind: "PRIVATE_KEY" },
  "slack-webhook-url": { kind: "WEBHOOK" },
};

/** Rules of gitleaks, one per format. Rules with several formats share an id. */
export const importedRules: readonly SecretRule[] = gitleaksTable
  .trim()
  .split(/\n(?! )/)
  .flatMap(readRule);

/** Parses a line with id and title, and indented lines of properties and formats. */
function readRule(entry: string): SecretRule[] {
  const [heading = "", ...lines] = entry.split("\n");
  const [id = "", ...title] = heading.split(" ");
  const pieces = lines.flatMap((line) => line.trim().split(" "));
  const facts = (name: string): string[] =>
    pieces.filter((piece) => piece.startsWith(`${name}=`)).map((piece) => piece.slice(name.length + 1));
  const [entropy] = facts("entropy").map(Number);
  const words = facts("in").join("|");
  const examples = facts("not");
  const formats = pieces.filter((piece) => !/^(?:entropy|in|not)=/.test(piece));
  return formats.map((format) => {
    const options: TokenOptions = {
      ...known[id],
      ...known[format.split("<")[0] ?? ""],
      ...(entropy === undefined ? {} : { entropy }),
      ...(examples.length === 0 ? {} : { accepts: (value) => !examples.some((end) => value.endsWith(end)) }),
    };
    return words === ""
      ? token(id, title.join(" "), format, options)
      : assigned(id, title.join(" "), words, format, options);
  });
}
