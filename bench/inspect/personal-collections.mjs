/**
 * @file Evaluates the scan for personal data on labelled public texts.
 *
 *     node --import tsx bench/inspect/personal-collections.mjs [--part developed|kept] [--show]
 *         [--presidio-research GIT-DIR] [--presidio GIT-DIR] [--phonenumbers GIT-DIR]
 *
 * A span counts as found if a match overlaps it. A match that overlaps no span counts as a false positive. Names of
 * people, places and companies are outside the scan's scope and not counted.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { scanText } from "../../packages/datacheck/src/secrets/scan.ts";
import { checkedPart, hashOf, isInPart } from "./part.mjs";

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "developed" },
    "presidio-research": { type: "string" },
    presidio: { type: "string" },
    phonenumbers: { type: "string" },
    show: { type: "boolean", default: false },
  },
});

const part = checkedPart(values.part);
const isWanted = (name) => isInPart(part, name);
const git = (repo, ...words) =>
  execFileSync("git", ["-C", repo, ...words], { encoding: "utf8", maxBuffer: 1 << 28 });

/** Scores texts with spans `{ type, start, end }`, by type. */
function score(title, texts) {
  const byType = new Map();
  let [wrong, count] = [0, 0];
  for (const { text, spans } of texts) {
    count++;
    const matches = scanText(text);
    const overlaps = (one, other) => one.start < other.end && other.start < one.end;
    for (const span of spans.filter(({ type }) => type !== undefined)) {
      const tally = byType.get(span.type) ?? [0, 0];
      const isFound = matches.some((one) => overlaps(one, span));
      tally[isFound ? 0 : 1]++;
      byType.set(span.type, tally);
      if (!isFound && values.show)
        console.log(
          `  missed ${span.type}: ${JSON.stringify(text.slice(Math.max(0, span.start - 50), span.end + 15))}`,
        );
    }
    for (const one of matches.filter((match) => !spans.some((span) => overlaps(match, span)))) {
      wrong++;
      if (values.show)
        console.log(
          `  wrong ${one.rule}: ${JSON.stringify(text.slice(Math.max(0, one.start - 40), one.end + 10))}`,
        );
    }
  }
  const told = [...byType].sort().map(([type, [found, missed]]) => `${type} ${found} of ${found + missed}`);
  const [found, all] = [...byType.values()].reduce(([a, b], [one, two]) => [a + one, b + one + two], [0, 0]);
  console.log(
    `${title} (${part}): ${found} of ${all} found, ${wrong} others reported in ${count} texts; ${told.join(", ")}`,
  );
}

const kinds = {
  EMAIL_ADDRESS: "e-mail",
  PHONE_NUMBER: "phone",
  CREDIT_CARD: "card",
  IBAN_CODE: "IBAN",
  US_SSN: "national id",
  IP_ADDRESS: "IP",
};

/** Sentences with fictional people. Any part of an address is labelled as an address, so addresses are not counted. */
function* textsOfResearch(repo) {
  const path = part === "kept" ? "data/synth_dataset_v2.json" : "tests/data/generated_large.json";
  for (const { full_text: text, spans } of JSON.parse(git(repo, "show", `HEAD:${path}`)))
    yield {
      text,
      spans: spans.map((one) => ({
        type: kinds[one.entity_type],
        start: one.start_position,
        end: one.end_position,
      })),
    };
}

/** Presidio's recognizers by test name, and our name of each type. */
const recognizers = {
  email: "e-mail",
  phone: "phone",
  credit_card: "card",
  iban: "IBAN",
  ip: "IP",
  ...Object.fromEntries(
    `us_ssn uk_nino uk_nhs de_tax_id es_nif es_nie it_fiscal_code in_aadhaar in_pan pl_pesel fi_personal_identity_code
    se_personnummer kr_rrn th_tnin sg_fin tr_national_id za_id_number ca_sin au_tfn au_medicare ng_nin us_itin
    us_mbi de_social_security ph_mobile_number tr_phone_number`
      .split(/\s+/)
      .map((name) => [name, /phone|mobile/.test(name) ? "phone" : `national id ${name}`]),
  ),
};

/** Test cases of Presidio's recognizers: a text, and the number and positions of matches. */
function* textsOfPresidio(repo) {
  for (const [name, type] of Object.entries(recognizers)) {
    if (!isWanted(name)) continue;
    const text = git(repo, "show", `HEAD:presidio-analyzer/tests/test_${name}_recognizer.py`);
    const row =
      /^ {8}\(\s*"((?:[^"\\]|\\.)*)",\s*(\d+),\s*(?:\[[^\]]*\],\s*)?((?:\((?:\(\d+, ?\d+\),? ?)*,?\s*\))?)/gm;
    for (const [, literal, count, places] of text.matchAll(row)) {
      const plain = literal.replace(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one));
      const spans = [...places.matchAll(/\((\d+), ?(\d+)\)/g)].map(([, start, end]) => ({
        type,
        start: +start,
        end: +end,
      }));
      if (Number(count) === spans.length) yield { text: plain, spans };
    }
  }
}

/** An example with its last digits replaced by a hash, because many examples end in 123456. */
function drawn(example) {
  const kept = Math.max(example.length - 5, 3);
  const digits = [...hashOf(example)].map((byte) => byte % 10);
  return example.slice(0, kept) + digits.slice(0, example.length - kept).join("");
}

/** Example numbers of each country and type of telephone, in national and international format, in a sentence. */
function* textsOfPhoneNumbers(repo) {
  const paths = git(repo, "ls-tree", "-r", "--name-only", "HEAD", "python/phonenumbers/data/")
    .trim()
    .split("\n");
  for (const path of paths) {
    const region = /region_([A-Z]{2})\.py$/.exec(path)?.[1];
    if (region === undefined || !isWanted(region)) continue;
    const text = git(repo, "show", `HEAD:${path}`);
    const country = /country_code=(\d+)/.exec(text)?.[1];
    const prefix = /national_prefix='(\d+)'/.exec(text)?.[1] ?? "";
    for (const [, kind, example] of text.matchAll(
      /(fixed_line|mobile)=PhoneNumberDesc\([^)]*?example_number='(\d+)'/g,
    )) {
      const number = drawn(example);
      const grouped = number.replace(/(\d{2,3})(?=(?:\d{3})+$)/g, "$1 ");
      const ways = [
        `+${country} ${grouped}`,
        `+${country}${number}`,
        `+${country}-${grouped.replaceAll(" ", "-")}`,
      ];
      const told = [...ways.map((one) => `You can reach Maria at ${one}.`), `Phone: ${prefix}${grouped}`];
      for (const [index, sentence] of told.entries()) {
        const written = ways[index] ?? `${prefix}${grouped}`;
        const start = sentence.indexOf(written);
        const type = `${index < 3 ? "international" : "national"} ${kind}`;
        yield { text: sentence, spans: [{ type, start, end: start + written.length }] };
      }
    }
  }
}

const collections = {
  "presidio-research": textsOfResearch,
  presidio: textsOfPresidio,
  phonenumbers: textsOfPhoneNumbers,
};
for (const [name, read] of Object.entries(collections)) if (values[name]) score(name, read(values[name]));
