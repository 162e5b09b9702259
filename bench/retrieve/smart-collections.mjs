/**
 * @file Reads retrieval collections: folders with docs.jsonl, queries.jsonl and qrels.tsv, and three collections in
 *   their published layouts. Returns documents, queries and judgements (grade 1 is relevant).
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const textOf = (...path) => readFileSync(join(...path), "utf8");

/** Reads the collection in a folder; its files determine the layout. */
export function readCollection(folder) {
  const name = basename(folder);
  if (existsSync(join(folder, "docs.jsonl"))) return { name, ...ofRows(folder) };
  if (existsSync(join(folder, "cran.all.1400"))) return { name, ...cranfield(folder) };
  if (existsSync(join(folder, "rlv-ass"))) return { name, ...npl(folder) };
  if (existsSync(join(folder, "TIME.ALL"))) return { name, ...time(folder) };
  throw new Error(
    `${folder} has none of docs.jsonl, cran.all.1400 (Cranfield), rlv-ass (NPL), TIME.ALL (TIME)`,
  );
}

function ofRows(folder) {
  const rows = (name) => textOf(folder, name).trim().split("\n");
  const parsed = (name) => rows(name).map((line) => JSON.parse(line));
  const judged = rows("qrels.tsv")
    .slice(1)
    .map((line) => line.split("\t"));
  return {
    documents: parsed("docs.jsonl"),
    queries: parsed("queries.jsonl"),
    judgements: judgementsOf(judged),
  };
}

/** 1,400 abstracts, 225 questions. Judgements name a question by its position; grades 1 to 4 are relevant, 5 is not. */
function cranfield(folder) {
  const records = (name) =>
    textOf(folder, name)
      .split(/^\.I +/m)
      .slice(1)
      .map((record) => {
        const [id, ...rest] = record.split("\n");
        const fields = new Map(
          rest
            .join("\n")
            .split(/^\.(?=[TABW]$)/m)
            .map((one) => [one[0], one.slice(2).trim()]),
        );
        return { id: id.trim(), text: `${fields.get("T") ?? ""}\n${fields.get("W") ?? ""}` };
      });
  const judged = lines(textOf(folder, "cranqrel"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , grade]) => Number(grade) >= 1 && Number(grade) <= 4);
  return {
    documents: records("cran.all.1400"),
    queries: records("cran.qry").map(({ text }, at) => ({ id: String(at + 1), text })),
    judgements: judgementsOf(judged.map(([query, id]) => [query, id, "1"])),
  };
}

/** 11,429 physics titles, 93 questions; records end with a slash. */
function npl(folder) {
  const records = (name) =>
    textOf(folder, name)
      .split(/^ *\/ *$/m)
      .map((record) => /^\s*(\d+)\n([\s\S]*)$/.exec(record))
      .filter((found) => found !== null)
      .map(([, id, text]) => ({ id, text: text.trim() }));
  const judged = records("rlv-ass").flatMap(({ id, text }) =>
    text.split(/\s+/).map((document) => [id, document, "1"]),
  );
  return {
    documents: records("doc-text"),
    queries: records("query-text").map(({ id, text }) => ({ id, text: text.toLowerCase() })),
    judgements: judgementsOf(judged),
  };
}

/** 423 magazine articles, 83 questions; judgements name an article by its position. */
function time(folder) {
  const records = (name, mark) =>
    textOf(folder, name)
      .split(mark)
      .slice(1)
      .map((record) => record.replace(/\*STOP\s*$/, ""));
  const judged = lines(textOf(folder, "TIME.REL"))
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([query, ...documents]) => documents.map((document) => [query, document, "1"]));
  return {
    documents: records("TIME.ALL", /^\*TEXT .*$/m).map((text, at) => ({ id: String(at + 1), text })),
    queries: records("TIME.QUE", /^\*FIND +\d+ *$/m).map((text, at) => ({ id: String(at + 1), text })),
    judgements: judgementsOf(judged),
  };
}

const lines = (text) => text.trim().split("\n");

function judgementsOf(rows) {
  const judged = new Map();
  for (const [query, id, grade] of rows)
    judged.set(query, (judged.get(query) ?? new Map()).set(id, Number(grade)));
  return judged;
}
