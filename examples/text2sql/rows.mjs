/**
 * @file Turns a file of `jkkummerfeld/text2sql-data` into rows: `node rows.mjs advising.json [--by query]`.
 *
 * Names of variables become values in question and query. By question, the same query may be asked in other words on
 * both sides: known reports, new words. By query, whole queries are held out: reports that nobody has written yet.
 */
import { readFileSync, writeFileSync } from "node:fs";

const [path = "advising.json", flag, by = "question"] = process.argv.slice(2);
if ((flag !== undefined && flag !== "--by") || !["question", "query"].includes(by)) {
  console.error("usage: node rows.mjs FILE [--by question|query]");
  process.exit(2);
}

/** Longer queries would need contexts that small models do not have. */
const mostCharacters = 600;

const parts = { train: [], dev: [], test: [] };
let long = 0;
for (const [number, entry] of JSON.parse(readFileSync(path, "utf8")).entries()) {
  for (const sentence of entry.sentences) {
    const part = parts[by === "query" ? entry["query-split"] : sentence["question-split"]];
    if (part === undefined) continue;
    const [question, sql] = [sentence.text, entry.sql[0]].map((text) => filled(text, entry, sentence));
    if (sql.length > mostCharacters) long++;
    else part.push({ prompt: question, completion: sql, query: `q${number}` });
  }
}
for (const [name, rows] of Object.entries(parts)) {
  writeFileSync(`${name}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
const counts = Object.entries(parts).map(([name, rows]) => `${rows.length} ${name}`);
console.log(`${counts.join(", ")}; ${long} rows whose query has more than ${mostCharacters} characters left out`);

/** Values in place of names: those of the sentence, else the entry's examples; longest names first. */
function filled(text, { variables }, { variables: given }) {
  const values = variables.map(({ name, example }) => [name, given[name] || example]);
  values.sort(([a], [b]) => b.length - a.length);
  // SQL says COURSEalias0 to tell tables of one name apart: shorter names read and train the same
  return values
    .reduce((whole, [name, value]) => whole.split(name).join(value), text)
    .replace(/alias(\d)/g, "_$1")
    .replace(/\s+([,;?.)])/g, "$1")
    .replace(/\(\s+/g, "(");
}
