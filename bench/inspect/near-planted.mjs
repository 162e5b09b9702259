/**
 * @file Near-duplicates planted among questions of BANKING77: recall, and other rows reported.
 *
 * Clean rows are the questions of a part that no stage reports as a repetition; planted rows are 1,000 changed copies
 * of them. Natural pairs, reported in the data as published, are judged by their labels, 77 intents.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stream } from "./rows.mjs";

/** Prints the table, and the results on the data sets as published. */
export async function plantedPrecision(data, source) {
  if (!existsSync(data)) return;
  const { findNearPairs } = await source("inspect/near/find-near-pairs");
  const { pairKinds } = await source("inspect/near/pairs");
  const { readSplits } = await source("dataset/index");
  const read = async (folder, train, test, columns) => {
    const { splits } = await readSplits({
      format: "auto",
      system: null,
      promptTemplate: "{prompt}",
      badRows: "error",
      validation: null,
      folder: join(data, folder),
      train,
      test,
      columns,
      split: { validation: 0, test: 0, seed: 1 },
      rows: { train: null, validation: null, test: null },
    });
    const rows = [...splits.train, ...splits.test];
    return {
      texts: rows.map(({ messages }) => messages[0].content),
      labels: rows.map(({ messages }) => messages.at(-1).content),
      part: Uint8Array.from(rows, (_, row) => (row < splits.train.length ? 0 : 1)),
    };
  };
  const banking = await read("banking77", "train.csv", "test.csv", {
    prompt: "text",
    completion: "category",
  });
  const gsm = await read("gsm8k", "train.jsonl", "test.jsonl", null);
  const shown = ({ duplicates, leaks, sharing }) => JSON.stringify({ duplicates, leaks, sharing });
  console.log(`BANKING77 ${shown(findNearPairs(banking.texts, banking.part))}`);
  console.log(`GSM8K ${shown(findNearPairs(gsm.texts, gsm.part))}`);
  agreement(banking, findNearPairs, pairKinds);
  for (const part of [0, 1]) {
    const texts = banking.texts.filter((_, row) => banking.part[row] === part);
    planted(`BANKING77 ${part === 0 ? "train" : "test"}`, texts, findNearPairs, pairKinds);
  }
}

/** Share of natural pairs with equal labels. Limits were chosen on train-train pairs; test-train pairs are a check. */
function agreement({ texts, labels, part }, findNearPairs, pairKinds) {
  const { pairs } = findNearPairs(texts, part);
  for (const [name, isTest] of [
    ["train-train", 0],
    ["test-train", 1],
  ]) {
    const line = pairKinds.map((kind, index) => {
      let [all, same] = [0, 0];
      for (let at = 0; at < pairs.count; at++) {
        const [row, other] = [pairs.row[at], pairs.other[at]];
        if (pairs.kind[at] !== index || part[row] !== isTest || part[other] !== 0) continue;
        all++;
        if (labels[row] === labels[other]) same++;
      }
      return all === 0 ? "" : `${kind} ${same} of ${all} (${((100 * same) / all).toFixed(1)} %)`;
    });
    console.log(`BANKING77 ${name}, natural pairs of one label: ${line.filter(Boolean).join(", ")}`);
  }
}

function planted(name, natural, findNearPairs, pairKinds) {
  const first = findNearPairs(natural, new Uint8Array(natural.length)).pairs;
  const repeats = new Set(first.row);
  const clean = natural.filter((_, row) => !repeats.has(row));
  const random = stream(11);
  const pool = clean.flatMap((text) => text.split(/\s/)).filter(Boolean);
  const kinds = { reordered, swapped, inserted, deleted, extended };
  const held = [];
  for (const [kind, change] of Object.entries(kinds)) {
    for (let made = 0; made < 200; ) {
      const from = Math.floor(random() * clean.length);
      const words = clean[from].split(/\s+/).filter(Boolean);
      if (words.length < 6) continue;
      held.push({ kind, from, text: change(words, random, pool).join(" ") });
      made++;
    }
  }
  const texts = [...clean, ...held.map(({ text }) => text)];
  const part = Uint8Array.from(texts, (_, row) => (row < clean.length ? 0 : 1));
  const { pairs } = findNearPairs(texts, part);
  const found = new Map();
  let [right, wrong] = [0, 0];
  for (let at = 0; at < pairs.count; at++) {
    const [row, other] = [pairs.row[at], pairs.other[at]];
    if (part[row] !== 1 || part[other] !== 0) continue;
    const isRight = held[row - clean.length].from === other;
    if (isRight) right++;
    else wrong++;
    const kind = pairKinds[pairs.kind[at]];
    if (isRight) found.set(row, [...(found.get(row) ?? []), kind]);
  }
  const recall = Object.keys(kinds).map((kind) => {
    const rows = held.flatMap((one, at) => (one.kind === kind ? [at + clean.length] : []));
    return `${kind} ${((100 * rows.filter((row) => found.has(row)).length) / rows.length).toFixed(1)} %`;
  });
  const precision = `${((100 * right) / (right + wrong)).toFixed(1)} % of ${right + wrong} pairs`;
  const rows = `${clean.length} clean rows, ${held.length} planted`;
  console.log(`${name}: ${rows}; precision ${precision}; found: ${recall.join(", ")}`);
}

function reordered(words, random) {
  const at = 1 + Math.floor(random() * (words.length - 1));
  return [...words.slice(at), ...words.slice(0, at)];
}
function swapped(words, random, pool) {
  const at = Math.floor(random() * words.length);
  return words.map((one, place) => (place === at ? pool[Math.floor(random() * pool.length)] : one));
}
function inserted(words, random, pool) {
  const at = Math.floor(random() * (words.length + 1));
  return [...words.slice(0, at), pool[Math.floor(random() * pool.length)], ...words.slice(at)];
}
function deleted(words, random) {
  const at = Math.floor(random() * words.length);
  return words.filter((_, place) => place !== at);
}
function extended(words, random, pool) {
  const more = Math.ceil(words.length / 8);
  return [...words, ...Array.from({ length: more }, () => pool[Math.floor(random() * pool.length)])];
}
