/**
 * @file Reads prices in tunewise's own format from a parsed file: the user's price file, and the stored update.
 *
 * The file is untrusted; all issues are collected, and an invalid row does not affect others.
 */
import { type Finding, findingOf, type Place } from "../../problem/index.ts";
import { readTableText } from "../table-text.ts";
import { emptyPrices, type PriceBook, type PriceSource } from "./book.ts";
import {
  currencyOf,
  inferenceFrom,
  machineFrom,
  type OfferReading,
  type RowsContext,
  trainingFrom,
} from "./offers.ts";
import { type FieldIssue, type PriceRecord, RecordReader, shownText } from "./record.ts";

/** Max. characters of a price file; a stored update has about a tenth of it. */
export const maxPriceFileLength: number = 8 * 2 ** 20;
/** Max. rows of a section. */
const maxRows = 20_000;
/** Max. findings of a file: one mistake is often repeated in every row. */
const maxFindings = 50;

/** A book, and findings about its file. */
export interface PriceReading {
  readonly prices: PriceBook;
  readonly findings: readonly Finding[];
}

/** An already parsed file, since only `recipe` imports the YAML parser. */
export interface ParsedPriceFile {
  /** Plain objects, lists, texts and numbers. */
  readonly value: unknown;
  /** Name for messages, and default name of the source. */
  readonly path: string;
  /** Returns the location of a value, by keys and list indexes. */
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

const sections = ["machines", "training", "inference"] as const;
const topKeys = [...sections, "currency", "as_of", "provider", "source", "format_version"] as const;

/**
 * Reads the user's price file.
 *
 * Findings, all errors: `PRICES_FILE_INVALID`, `PRICE_KEY_UNKNOWN`, `PRICE_VALUE_INVALID`, `PRICE_DEVICE_UNKNOWN`,
 * `PRICE_RATE_MISSING`.
 *
 * @returns the valid rows, marked as the user's own
 * @example const { prices } = readUserPrices({ value: {}, path: "own", placeOf: () => ({ file: "own" }) });
 */
export function readUserPrices(file: ParsedPriceFile): PriceReading {
  return readPrices(file, true);
}

/** Reads a stored update: the same format, also untrusted. */
export function readStoredPrices(file: ParsedPriceFile): PriceReading {
  return readPrices(file, false);
}

/** Reads the user's machines from a table whose header has the same keys. */
export function readUserTable(text: string, path: string): PriceReading {
  if (text.length > maxPriceFileLength) return invalid(path, "it is too large");
  const { columns, rows } = readTableText(text);
  const lines: number[] = [];
  const machines: PriceRecord[] = [];
  for (const { line, record } of rows) {
    lines.push(line);
    machines.push(record ?? { row: "not as many cells as the header" });
  }
  if (columns.length === 0) return invalid(path, "its first line is no header");
  const placeOf = ([, at]: readonly (string | number)[]): Place =>
    typeof at === "number" ? { file: path, line: lines[at] ?? 1 } : { file: path };
  return readUserPrices({ value: { machines }, path, placeOf });
}

function readPrices(file: ParsedPriceFile, isUserOwn: boolean): PriceReading {
  const { value, path } = file;
  if (!isRecord(value)) return invalid(path, "it holds no sections");
  const findings: Finding[] = [];
  const context = contextFrom(value, file, isUserOwn, findings);
  const prices: PriceBook = {
    machines: readSection(value, "machines", machineFrom, context, file, findings),
    training: readSection(value, "training", trainingFrom, context, file, findings),
    inference: readSection(value, "inference", inferenceFrom, context, file, findings),
  };
  return { prices, findings: findings.slice(0, maxFindings) };
}

/** Reads the top-level values that apply to all rows. */
function contextFrom(
  value: PriceRecord,
  { path, placeOf }: ParsedPriceFile,
  isUserOwn: boolean,
  findings: Finding[],
): RowsContext {
  const rates = Object.keys(value).filter((key) => /^usd_per_[a-z]{3}$/.test(key));
  const top = new RecordReader(value, [...topKeys, ...rates]);
  const source: PriceSource = {
    name: top.text("source", path.slice(-120)),
    asOf: top.dateOrNull("as_of"),
    ...(isUserOwn ? { isUserOwn } : {}),
  };
  const usdPer = Object.fromEntries(rates.map((key) => [key.slice("usd_per_".length), top.price(key)]));
  const context = {
    source,
    provider: top.has("provider") ? top.text("provider") : isUserOwn ? "own" : null,
    currency: currencyOf(top, "usd"),
    usdPer,
  };
  for (const one of top.issues) findings.push(issueFinding(one, "a price file", placeOf([one.key])));
  return context;
}

function readSection<Offer>(
  value: PriceRecord,
  section: (typeof sections)[number],
  read: (record: PriceRecord, context: RowsContext) => OfferReading<Offer>,
  context: RowsContext,
  { path, placeOf }: ParsedPriceFile,
  findings: Finding[],
): Offer[] {
  const list = value[section] ?? [];
  if (!Array.isArray(list) || list.length > maxRows) {
    const reason = `${section} is not a list of at most ${maxRows.toLocaleString("en-US")} rows`;
    findings.push(findingOf("PRICES_FILE_INVALID", "error", { path, reason }, [placeOf([section])], 1));
    return [];
  }
  const offers: Offer[] = [];
  for (const [at, record] of list.entries()) {
    if (!isRecord(record)) {
      const params = { key: `${section}[${at + 1}]`, expected: "a row with keys", found: shownText(record) };
      findings.push(findingOf("PRICE_VALUE_INVALID", "error", params, [placeOf([section, at])], 1));
      continue;
    }
    const { offer, issues } = read(record, context);
    if (offer !== null) offers.push(offer);
    const what = `${section}[${at + 1}]`;
    for (const one of issues) findings.push(issueFinding(one, what, placeOf([section, at, one.key])));
  }
  return offers;
}

function invalid(path: string, reason: string): PriceReading {
  return {
    prices: emptyPrices,
    findings: [findingOf("PRICES_FILE_INVALID", "error", { path, reason }, [{ file: path }], 1)],
  };
}

function isRecord(value: unknown): value is PriceRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Converts an issue into a finding.
 *
 * @param section name of the row, such as `machines[2]`
 */
function issueFinding(issue: FieldIssue, section: string, place: Place): Finding {
  const { key } = issue;
  if (issue.kind === "key") {
    const fix = issue.near === undefined ? `remove ${key}` : `did you mean \`${issue.near}\`?`;
    return findingOf("PRICE_KEY_UNKNOWN", "error", { key, section, fix }, [place], 1);
  }
  if (issue.kind === "device") {
    const near = issue.suggestions.map((name) => `\`${name}\``).join(" or ");
    const fix =
      near === "" ? "use a name that this command shows: tunewise prices list" : `did you mean ${near}?`;
    return findingOf("PRICE_DEVICE_UNKNOWN", "error", { name: shownText(issue.name), fix }, [place], 1);
  }
  if (issue.kind === "rate") {
    const { currency } = issue;
    const code = shownText(currency, 12);
    return findingOf("PRICE_RATE_MISSING", "error", { key, currency: code.toUpperCase(), code }, [place], 1);
  }
  const { expected, found } = issue;
  return findingOf(
    "PRICE_VALUE_INVALID",
    "error",
    { key: `${key} of ${section}`, expected, found },
    [place],
    1,
  );
}
