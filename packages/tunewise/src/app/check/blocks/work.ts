/** @file The tasks of a divided check. Each task reads the values that earlier steps stored, and stores its own. */
import { createHash } from "node:crypto";
import {
  BlockVocabulary,
  type BlockWords,
  ContainedSearch,
  compareMeetings,
  digestBytes,
  type FoundRepeats,
  type HashedRows,
  joinRows,
  type Keys,
  type Meetings,
  machineOf,
  meet,
  type NumberedRows,
  pickRows,
  repeatsAmong,
  routeKeys,
  scanBlock,
  setRounds,
} from "@tunewise/datacheck";
import { answerOf, promptOf, readBlock } from "@tunewise/datacheck/dataset";
import { collectFindings, type ReadFacts } from "./findings.ts";
import { blockOf, factsOf, type Layout, type Task } from "./layout.ts";
import { type BlockPlan, searchesOf } from "./plan.ts";
import { StoredValues } from "./stored.ts";

/** A block's rows before the vocabulary of all blocks is known. */
interface ReadRows {
  readonly ids: Uint32Array;
  readonly offsets: Uint32Array;
  readonly prompts: Uint8Array;
  readonly answerDigests: Uint8Array;
}

const steps: Readonly<Record<string, (task: Task) => Promise<void>>> = {
  read,
  words,
  number,
  repeats,
  keys,
  meet: meetRows,
  send,
  compare,
  contain,
  findings: collectFindings,
};

/**
 * Runs one task of a step, unless it has already finished.
 *
 * @param folder the check's folder
 * @throws {TunewiseError} those of `readBlock`, `DATA_SPLIT_EMPTY`
 */
export async function workOnBlock(folder: string, step: string, index: number): Promise<void> {
  const stored = new StoredValues(folder);
  const done = `done/${step}-${index}`;
  if ((await stored.has("done/findings-0")) || (await stored.has(done))) return;
  const plan = await stored.read<BlockPlan>("plan");
  const work = steps[step];
  if (work === undefined) throw new Error(`Internal: no step is called ${step}`);
  await work({ plan, stored, index });
  await stored.write(done, true);
}

/** Reads a block: its usable rows with their words, and the problems of the other rows. */
async function read({ plan, stored, index }: Task): Promise<void> {
  const block = plan.blocks[index];
  const file = plan.files[block?.part ?? 0];
  if (block === undefined || file === undefined || file === null)
    throw new Error(`Internal: no block ${index}`);
  const { examples, ...facts } = await readBlock(file, block.range, plan.job.options);
  const prompts = examples.map(promptOf);
  const answers = examples.map((row) => answerOf(row).trim());
  const { ids, offsets, words: own } = scanBlock(prompts);
  const rows: ReadRows = { ids, offsets, prompts: digestsOf(prompts), answerDigests: digestsOf(answers) };
  await stored.write(`rows/${index}`, rows);
  await stored.write(`words/${index}`, own);
  await stored.write(`facts/${index}`, {
    ...facts,
    places: {
      row: Uint32Array.from(examples, ({ row }) => row),
      line: Uint32Array.from(examples, ({ line }) => line ?? 0),
    },
  } satisfies ReadFacts);
}

function digestsOf(texts: readonly string[]): Uint8Array {
  const all = new Uint8Array(texts.length * digestBytes);
  for (const [at, text] of texts.entries()) {
    const digest = createHash("sha256").update(Buffer.from(text, "utf16le")).digest();
    all.set(digest.subarray(0, digestBytes), at * digestBytes);
  }
  return all;
}

/** Numbers the words of all blocks. */
async function words({ plan, stored }: Task): Promise<void> {
  const vocabulary = new BlockVocabulary();
  const firstRows = [0];
  for (const at of plan.blocks.keys()) {
    vocabulary.add(await stored.read<BlockWords>(`words/${at}`));
    const { values } = await stored.read<ReadFacts>(`facts/${at}`);
    firstRows.push((firstRows[at] as number) + values.rows);
  }
  const total = firstRows.at(-1) as number;
  const { statistics, numbers } = vocabulary.rank(total);
  for (const [at, own] of numbers.entries()) await stored.write(`numbers/${at}`, own);
  const startOf = (part: number): number => {
    const first = plan.blocks.findIndex((block) => block.part >= part);
    return first < 0 ? total : (firstRows[first] as number);
  };
  await stored.write("layout", { firstRows, starts: [0, startOf(1), startOf(2), total] } satisfies Layout);
  await stored.write("statistics", statistics);
}

/**
 * The first bytes of each digest as a number. Two different answers collide with a probability of one in four billion.
 */
function numbersOf(digests: Uint8Array): Int32Array {
  const all = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  return Int32Array.from({ length: digests.length / digestBytes }, (_, at) => all.getInt32(at * digestBytes));
}

/** Renumbers a block's words for the whole data set, and routes its rows so that rows with the same words meet. */
async function number({ plan, stored, index }: Task): Promise<void> {
  const { prompts, answerDigests, ...own } = await stored.read<ReadRows>(`rows/${index}`);
  const numbers = await stored.read<Uint32Array>(`numbers/${index}`);
  const { firstRows } = await stored.read<Layout>("layout");
  const count = own.offsets.length - 1;
  const answers = numbersOf(answerDigests);
  await stored.write(`answers/${index}`, answers);
  const numbered: NumberedRows = {
    offsets: own.offsets,
    ids: own.ids.map((word) => numbers[word] as number),
    answers,
    rows: Uint32Array.from({ length: count }, (_, at) => (firstRows[index] as number) + at),
  };
  await stored.write(`numbered/${index}`, numbered);
  const hashed: HashedRows = { ...numbered, prompts, answerDigests };
  const routes: number[][] = plan.blocks.map(() => []);
  for (let at = 0; at < count; at++) routes[machineOf(hashed, at, routes.length)]?.push(at);
  const pick = (bytes: Uint8Array, at: readonly number[]): Uint8Array => {
    const picked = new Uint8Array(at.length * digestBytes);
    for (const [to, from] of at.entries())
      picked.set(bytes.subarray(from * digestBytes, (from + 1) * digestBytes), to * digestBytes);
    return picked;
  };
  const routed = routes.map((at): HashedRows => {
    return { ...pickRows(numbered, at), prompts: pick(prompts, at), answerDigests: pick(answerDigests, at) };
  });
  await stored.writeParts(`same/${index}`, routed);
}

async function repeats({ plan, stored, index }: Task): Promise<void> {
  const all = await stored.readParts<HashedRows>("same", plan.blocks.length, index);
  const bytes = (of: "prompts" | "answerDigests"): Uint8Array => Buffer.concat(all.map((one) => one[of]));
  const rows = { ...joinRows(all), prompts: bytes("prompts"), answerDigests: bytes("answerDigests") };
  const found = repeatsAmong(rows, await factsOf(plan, stored));
  const layout = await stored.read<Layout>("layout");
  const followers: number[][] = plan.blocks.map(() => []);
  for (const row of found.followers.rows) followers[blockOf(layout, row)]?.push(row);
  await stored.writeParts(`following/${index}`, followers);
  await stored.write(`repeated/${index}`, found satisfies FoundRepeats);
}

/** Routes the keys of rows, except those that repeat an earlier row. */
async function keys({ plan, stored, index }: Task): Promise<void> {
  const numbered = await stored.read<NumberedRows>(`numbered/${index}`);
  const count = plan.blocks.length;
  const isFollowing = new Set((await stored.readParts<number[]>("following", count, index)).flat());
  const first = pickRows(
    numbered,
    [...numbered.rows.keys()].filter((at) => !isFollowing.has(numbered.rows[at] as number)),
  );
  await stored.write(`first/${index}`, first);
  const routed = routeKeys(first, await factsOf(plan, stored), count);
  await stored.writeParts(`keys/${index}`, routed.keys);
  await stored.write(`key-count/${index}`, routed.setCount);
}

/** Pairs the rows that share keys on this machine. */
async function meetRows({ plan, stored, index }: Task): Promise<void> {
  const blocks = plan.blocks.length;
  const counts = await stored.readAll<number>(blocks, (block) => `key-count/${block}`);
  const rounds = setRounds(counts.reduce((sum, count) => sum + count, 0));
  const layout = await stored.read<Layout>("layout");
  const facts = await factsOf(plan, stored);
  const own = await stored.readParts<Keys>("keys", blocks, index);
  const met = meet(own, { facts, rounds, blocks, blockOf: (row) => blockOf(layout, row) });
  await stored.writeParts(`meetings/${index}`, met);
  // by the block that holds the rows, then by the block that needs them
  const wanted = plan.blocks.map(() => plan.blocks.map(() => new Set<number>()));
  for (const [to, meetings] of met.entries()) {
    for (const { b: others } of Object.values(meetings)) {
      for (const row of others) wanted[blockOf(layout, row)]?.[to]?.add(row);
    }
  }
  const rows = wanted.map((from) => from.map((some) => Uint32Array.from(some)));
  await stored.writeParts(`wanted/${index}`, rows);
}

/** Sends the rows of a block that are paired with rows of later blocks. */
async function send({ plan, stored, index }: Task): Promise<void> {
  const first = await stored.read<NumberedRows>(`first/${index}`);
  const blocks = plan.blocks.length;
  const at = new Map([...first.rows].map((row, place) => [row, place]));
  const wanted = await stored.readParts<Uint32Array[]>("wanted", blocks, index);
  const sent = plan.blocks.map((_, to) => {
    if (to <= index) return null;
    const all = new Set<number>();
    for (const by of wanted) for (const row of by[to] ?? []) all.add(row);
    const rows = Uint32Array.from(all).sort();
    return pickRows(
      first,
      rows.map((row) => at.get(row) ?? 0),
    );
  });
  await stored.writeParts(`sent/${index}`, sent);
}

async function compare({ plan, stored, index }: Task): Promise<void> {
  const earlier = await stored.readParts<NumberedRows>("sent", index, index);
  const rows = joinRows([...earlier, await stored.read<NumberedRows>(`first/${index}`)]);
  const met = await stored.readParts<Meetings>("meetings", plan.blocks.length, index);
  await stored.write(`similar/${index}`, compareMeetings(rows, met, await factsOf(plan, stored)));
}

/** Searches every n-th block for held-out rows, where n is the number of searches. */
async function contain({ plan, stored, index }: Task): Promise<void> {
  const held: NumberedRows[] = [];
  for (const part of [1, 2]) {
    const own = [...plan.blocks.keys()].filter((block) => plan.blocks[block]?.part === part);
    held.push(joinRows(await stored.readAll<NumberedRows>(own.length, (at) => `first/${own[at]}`)));
  }
  const search = new ContainedSearch(held, await factsOf(plan, stored));
  const searches = searchesOf(plan.blocks);
  for (const [block, { part }] of plan.blocks.entries()) {
    if (part < 2 && block % searches === index) search.add(await stored.read<NumberedRows>(`first/${block}`));
  }
  await stored.write(`contained/${index}`, search.found());
}
