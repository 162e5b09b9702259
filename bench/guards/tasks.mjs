/** @file Small tasks for recorded runs: rows, model, and a setting that works well. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openModel } from "@tunewise/engine";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { openSafetensors } from "@tunewise/engine/weights";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { randomWeights } from "../keep/random-weights.mjs";

const home = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Park-Miller generator, values in (0, 1). */
export function chance(seed) {
  let state = (seed * 7919 + 17) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** A shuffled copy of a list. */
function shuffled(list, random) {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

/** A row with loss on the tokens from `from` on. */
function row(ids, from, example = 0) {
  const labelled = Uint8Array.from(ids, (_, at) => (at >= from ? 1 : 0));
  return { ids: Int32Array.from(ids), labelled, promptLength: from, example };
}

const lines = (path) =>
  readFileSync(resolve(home, path), "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return []; // the example's files contain unreadable rows on purpose
      }
    });

async function smallModel() {
  const folder = join(home, "models/small");
  const host = createRuntime(home, new AbortController().signal, "bench");
  const files = await resolveModel(folder, "main", host.sources);
  const tokenizer = createTokenizer(files.tokenizer);
  await files.weights.close();
  const weights = await openSafetensors(join(folder, "model.safetensors"));
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  return { model: await openModel({ config, weights }, { threads: 1 }), tokenizer };
}

/** Chat rows with loss on the last answer, without those that are too long. */
function chatRows(tokenizer, conversations, longest) {
  return conversations.flatMap((messages) => {
    const prompt = tokenizer.encode(tokenizer.render(messages.slice(0, -1), { addGenerationPrompt: true }));
    const answer = [...tokenizer.encode(messages.at(-1).content), ...tokenizer.endIds.slice(0, 1)];
    const ids = [...prompt, ...answer];
    return ids.length > longest ? [] : [row(ids, prompt.length)];
  });
}

const lora = { rank: 8, alpha: 16, rslora: false, dropout: 0, baseModel: "small", revision: "" };
const asLora = (model, seed) => model.createAdapter({ ...lora, targets: "all-linear" }, seed);
const asFull = (model) => model.createFull({ frozen: [], baseModel: "small", revision: "" });

async function tickets() {
  const { model, tokenizer } = await smallModel();
  const read = (part) =>
    chatRows(
      tokenizer,
      lines(`examples/tickets/${part}.jsonl`).flatMap(({ messages }) =>
        messages?.length > 1 ? [messages] : [],
      ),
      160,
    );
  const [train, validation] = [read("train").slice(0, 320), read("validation").slice(0, 32)];
  return { model, train, validation, create: asLora, rate: 1e-2, vocabulary: 1200 };
}

async function desks() {
  const { model, tokenizer } = await smallModel();
  const read = (part) =>
    chatRows(
      tokenizer,
      lines(`examples/desks/${part}.jsonl`).map(({ prompt, completion }) => [
        { role: "user", content: prompt },
        { role: "assistant", content: completion },
      ]),
      96,
    );
  const [train, validation] = [read("train").slice(0, 400), read("validation").slice(0, 64)];
  return { model, train, validation, create: asFull, rate: 1e-3, vocabulary: 1200 };
}

async function text() {
  const { model, tokenizer } = await smallModel();
  const documents = lines("data/general/text.jsonl").map((one) => tokenizer.encode(one.text));
  const pieces = (list) =>
    list.flatMap((ids) =>
      Array.from({ length: Math.floor(ids.length / 48) }, (_, at) =>
        row(ids.slice(48 * at, 48 * at + 48), 1),
      ),
    );
  const [train, validation] = [
    pieces(documents.filter((_, at) => at % 6 !== 0)),
    pieces(documents.filter((_, at) => at % 6 === 0)).slice(0, 48),
  ];
  return { model, train, validation, create: asFull, rate: 1e-3, vocabulary: 1200 };
}

/** Repeats the letters before the sign, in order; the model is untrained at the first step. */
async function copying() {
  const config = {
    model_type: "llama",
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    hidden_act: "silu",
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    intermediate_size: 128,
    vocab_size: 16,
    max_position_embeddings: 32,
    tie_word_embeddings: false,
  };
  const model = await openModel({ config, weights: randomWeights(config, 5) }, { threads: 1 });
  const random = chance(3);
  const one = () => {
    const letters = Array.from({ length: 4 }, () => 2 + Math.floor(8 * random()));
    return row([...letters, 1, ...letters], 5);
  };
  const [train, validation] = [1600, 64].map((count) => Array.from({ length: count }, one));
  return { model, train, validation, create: asFull, rate: 3e-3, vocabulary: 16 };
}

/** A task from a file of prompts and completions outside the repository, as named in `bench/defaults/tasks.mjs`. */
async function outside(folder, create, rate) {
  const { model, tokenizer } = await smallModel();
  const rows = chatRows(
    tokenizer,
    lines(join(resolve(folder), "train.jsonl")).map(({ prompt, completion }) => [
      { role: "user", content: prompt },
      { role: "assistant", content: completion },
    ]),
    160,
  );
  return { model, train: rows.slice(64, 464), validation: rows.slice(0, 64), create, rate, vocabulary: 1200 };
}

/** Tasks by name; the last two need a folder, and the guards were developed without them. */
export const tasks = {
  tickets,
  desks,
  text,
  copying,
  trec: (data) => outside(join(data, "trec"), asLora, 1e-2),
  snips: (data) => outside(join(data, "snips"), asFull, 1e-3),
};

/** Gives a share of the rows the answers of other rows. */
export function withNoise(rows, share, seed) {
  const random = chance(seed + 50);
  const others = shuffled(rows, random);
  return rows.map((own, at) => {
    if (random() >= share) return own;
    const other = others[at];
    const answer = other.ids.slice(other.promptLength);
    return row([...own.ids.slice(0, own.promptLength), ...answer], own.promptLength);
  });
}

/** Replaces the tokens of a share of the rows by random ones. */
export function withGarbage(rows, share, seed, vocabulary) {
  const random = chance(seed + 90);
  return rows.map((own) =>
    random() >= share
      ? own
      : row(
          Array.from(own.ids, () => Math.floor(vocabulary * random())),
          own.promptLength,
        ),
  );
}
