/**
 * @file Machine code for attention of one new token per row to a paged KV cache in bfloat16.
 *
 * The operator stores the token's key and value, then computes scores, softmax and weighted values directly on the
 * cache; standard operators would need a dozen nodes. It writes to the cache although that is an input. This is safe:
 * the caller owns the cache, nothing else reads it during the run, and tasks write to separate places.
 *
 * A task processes one row and one key head, with the G query heads that share it, 4 at a time. Scores are stored in a
 * second output, which no other operator reads: its size is known in advance, and each task has its own part.
 *
 * @source Kwon et al. 2023 (arXiv 2309.06180), section 4.1: keys and values in pages
 */
import { emitDots, emitWidened } from "./dot-code.ts";
import { emitConstant, emitPower, emitPowerConstants, values } from "./flash-softmax.ts";
import {
  ComputeFunction,
  type ContextFunctions,
  restoreRegisters,
  saveRegisters,
  word,
} from "./operator-code.ts";
import { groupHeads, groupTokens, pageTokens, passColumns, roundScores } from "./operator-kinds.ts";
import type { PanelConstants } from "./panel-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Score of masked positions. */
const hidden = -1e30;

const facts = {
  query: 0,
  key: 1,
  value: 2,
  cacheKey: 3,
  cacheValue: 4,
  lengths: 5,
  numbers: 6,
  sizes: 7,
  result: 8,
  scores: 9,
};
/** Word indices of the input `sizes`. */
const sizes = {
  rows: 0,
  resultColumns: 1,
  scoreRows: 2,
  scoreColumns: 3,
  kvHeads: 4,
  group: 5,
  width: 6,
  pageNumbers: 7,
};

/** Word indices of a task's values on its stack; they are followed by the reciprocals of the sums, and a vector. */
const places = {
  facts: 0,
  query: 1,
  result: 2,
  scores: 3,
  keyPage: 4,
  valuePage: 5,
  count: 6,
  left: 7,
  heads: 8,
  scoreBytes: 9,
  rowBytes: 10,
  pageBytes: 11,
  page: 12,
  token: 13,
  score: 14,
  tokens: 15,
  inPage: 16,
  rounds: 17,
};
const reciprocals = 24;
const lanes = 32;
const frameWords = 48;

/**
 * Emits `PagedAttention(query [B, H*E], key [B, K*E], value [B, K*E], bfloat16 cacheKey and cacheValue [S, B, K, P, E],
 * lengths [B], numbers [1], sizes) -> result [B, H*E], scores`; `numbers` is the scale of scores to base 2.
 */
export function emitPagedAttention(
  code: Assembler,
  functions: ContextFunctions,
  constants: PanelConstants,
): Label {
  const dots = emitDots(code, constants, false, "mixed");
  const task = code.label();
  code.bind(task);
  saveRegisters(code);
  code.move("rbp", "rsp");
  code.subtract("rsp", 8 * frameWords);
  code.and("rsp", -64);
  emitPlaces(code);
  emitStore(code);
  const group = code.label();
  code.bind(group);
  // heads of this group, at most 4
  code.load("rax", word("rsp", places.left));
  code.constant("rcx", BigInt(groupHeads));
  code.compare("rcx", "rax");
  code.moveIf("less", "rax", "rcx");
  code.store(word("rsp", places.heads), "rax");
  emitScores(code, dots);
  emitSoftmax(code);
  emitMix(code);
  // the next group
  for (const place of [places.query, places.result] as const) {
    code.load("rax", word("rsp", place));
    code.load("rcx", word("rsp", places.rowBytes));
    code.address("rax", { base: "rax", index: "rcx", scale: groupHeads });
    code.store(word("rsp", place), "rax");
  }
  code.load("rax", word("rsp", places.left));
  code.subtract("rax", groupHeads);
  code.store(word("rsp", places.left), "rax");
  code.compare("rax", 1);
  code.jumpIf("greaterOrEqual", group);
  code.zeroUpper();
  code.move("rsp", "rbp");
  restoreRegisters(code);

  return ComputeFunction.emit(code, functions, Object.keys(facts).length, (compute) => {
    for (const [index, name] of (
      ["query", "key", "value", "cacheKey", "cacheValue", "lengths", "numbers", "sizes"] as const
    ).entries())
      compute.input(index, facts[name]);
    code.load("rbp", word("rsp", facts.sizes));
    compute.output(0, 2, facts.result);
    code.add("rbp", 8 * sizes.scoreRows);
    compute.output(1, 2, facts.scores);
    code.load("rbp", word("rsp", facts.sizes));
    code.load("rdx", word("rbp", sizes.rows));
    compute.endIfZero("rdx");
    code.load("rax", word("rbp", sizes.kvHeads));
    code.multiply("rdx", "rax");
    compute.spread(task);
  });
}

/** Stores the addresses of the task's data. rdi: facts, rsi: number of the task = row * key heads + head. */
function emitPlaces(code: Assembler): void {
  const put = (place: number, from: Register): void => code.store(word("rsp", place), from);
  const fact = (to: Register, at: number): void => code.load(to, word("rdi", at));
  put(places.facts, "rdi");
  fact("rbx", facts.sizes);
  // the row's number of tokens, including the new one
  code.move("rax", "rsi");
  code.constant("rdx", 0n);
  code.load("rcx", word("rbx", sizes.kvHeads));
  code.divide("rcx");
  fact("rcx", facts.lengths);
  code.load("rax", { base: "rcx", index: "rax", scale: 8 });
  code.add("rax", 1);
  put(places.count, "rax");
  // each task has space for the scores of 4 heads
  code.load("rax", word("rbx", sizes.scoreColumns));
  code.shiftLeft("rax", 2);
  put(places.scoreBytes, "rax");
  code.multiplyBy("rax", groupHeads);
  code.multiply("rax", "rsi");
  fact("rcx", facts.scores);
  code.add("rax", "rcx");
  put(places.scores, "rax");
  code.load("rax", word("rbx", sizes.pageNumbers));
  code.shiftLeft("rax", 1);
  put(places.pageBytes, "rax");
  code.load("r8", word("rbx", sizes.width));
  code.move("rax", "r8");
  code.shiftRight("rax", Math.log2(passColumns));
  put(places.rounds, "rax");
  code.shiftLeft("r8", 2);
  put(places.rowBytes, "r8");
  code.multiply("r8", "rsi"); // offset of the task's key head
  code.move("rcx", "r8");
  code.multiplyBy("rcx", pageTokens / 2);
  for (const [name, place] of [
    ["cacheKey", places.keyPage],
    ["cacheValue", places.valuePage],
  ] as const) {
    fact("rax", facts[name]);
    code.add("rax", "rcx");
    put(place, "rax");
  }
  code.load("rcx", word("rbx", sizes.group));
  put(places.left, "rcx");
  code.multiply("r8", "rcx");
  for (const [name, place] of [
    ["query", places.query],
    ["result", places.result],
  ] as const) {
    fact("rax", facts[name]);
    code.add("rax", "r8");
    put(place, "rax");
  }
}

/** Stores the new token's key and value, rounded to nearest, in the row's last page. rsi: number of the task. */
function emitStore(code: Assembler): void {
  code.load("rcx", word("rsp", places.rowBytes));
  code.move("r8", "rcx");
  code.multiply("r8", "rsi"); // offset of the task's key head in `key` and `value`
  code.shiftRight("rcx", 1);
  // offset of the token in the cache: its page, and its row in the page
  code.load("rax", word("rsp", places.count));
  code.subtract("rax", 1);
  code.move("r9", "rax");
  code.and("r9", pageTokens - 1);
  code.multiply("r9", "rcx");
  code.shiftRight("rax", Math.log2(pageTokens));
  code.load("rcx", word("rsp", places.pageBytes));
  code.multiply("rax", "rcx");
  code.add("r9", "rax");
  for (const [name, place] of [
    ["key", places.keyPage],
    ["value", places.valuePage],
  ] as const) {
    code.load("r10", word("rdi", facts[name]));
    code.add("r10", "r8");
    code.load("r11", word("rsp", place));
    code.add("r11", "r9");
    code.load("rdx", word("rsp", places.rounds));
    const round = code.label();
    code.bind(round);
    code.vector("load", 0, { base: "r10", offset: 64 });
    code.vector("vcvtne2ps2bf16", 1, { base: "r10" }, 0);
    code.vector("store", 1, { base: "r11" });
    code.add("r10", 4 * passColumns);
    code.add("r11", 2 * passColumns);
    code.subtract("rdx", 1);
    code.jumpIf("notEqual", round);
  }
}

/** Computes the scores of the group's heads for all tokens, 4 tokens at a time. */
function emitScores(code: Assembler, dots: Label): void {
  const copy = (from: number, to: number): void => {
    code.load("rax", word("rsp", from));
    code.store(word("rsp", to), "rax");
  };
  const [page, tokens, done] = [code.label(), code.label(), code.label()];
  copy(places.keyPage, places.page);
  copy(places.scores, places.score);
  copy(places.count, places.tokens);
  code.bind(page);
  copy(places.page, places.token);
  code.constant("rax", BigInt(pageTokens / groupTokens));
  code.store(word("rsp", places.inPage), "rax");
  code.bind(tokens);
  code.load("r13", word("rsp", places.token));
  code.load("r15", word("rsp", places.rowBytes));
  code.shiftRight("r15", 1);
  code.address("rax", { base: "r13", index: "r15", scale: groupTokens });
  code.store(word("rsp", places.token), "rax");
  code.move("r10", "rax");
  code.load("rsi", word("rsp", places.score));
  code.address("rax", { base: "rsi", offset: 4 * groupTokens });
  code.store(word("rsp", places.score), "rax");
  code.load("r14", word("rsp", places.query));
  code.load("r9", word("rsp", places.rowBytes));
  code.load("r12", word("rsp", places.heads));
  code.load("rdx", word("rsp", places.rounds));
  code.load("r11", word("rsp", places.scoreBytes));
  code.call(dots);
  code.load("rax", word("rsp", places.tokens));
  code.subtract("rax", groupTokens);
  code.store(word("rsp", places.tokens), "rax");
  code.compare("rax", 1);
  code.jumpIf("less", done);
  code.load("rax", word("rsp", places.inPage));
  code.subtract("rax", 1);
  code.store(word("rsp", places.inPage), "rax");
  code.jumpIf("notEqual", tokens);
  code.load("rax", word("rsp", places.page));
  code.load("rcx", word("rsp", places.pageBytes));
  code.add("rax", "rcx");
  code.store(word("rsp", places.page), "rax");
  code.jump(page);
  code.bind(done);
}

const each = (visit: (at: number, value: number) => void): void => {
  for (const [at, value] of values.entries()) visit(at, value);
};
const scoresAt = (at: number): Address => ({ base: "r8", index: "rax", scale: 4, offset: 64 * at });

/** Computes each head's unnormalized weights in place of its scores, and the reciprocals of their sums. */
function emitSoftmax(code: Assembler): void {
  const [sums, largest, factor] = [[16, 17, 18], 19, 20] as const;
  emitPowerConstants(code);
  code.load("rdi", word("rsp", places.facts));
  code.load("rcx", word("rdi", facts.numbers));
  code.vector("vbroadcastss", factor, { base: "rcx" });
  code.load("r8", word("rsp", places.scores));
  code.load("r10", word("rsp", places.count));
  code.constant("r12", 0n); // head
  const [head, find, sum] = [code.label(), code.label(), code.label()];
  code.bind(head);
  // masks the scores of one iteration after the last token
  emitConstant(code, largest, hidden);
  each((at) => code.vector("store", largest, { base: "r8", index: "r10", scale: 4, offset: 64 * at }));
  code.constant("rax", 0n);
  code.bind(find);
  each((at) => code.vector("vmaxps", largest, scoresAt(at), largest));
  code.add("rax", roundScores);
  code.compare("rax", "r10");
  code.jumpIf("less", find);
  emitAcross(code, "vmaxps", largest);
  for (const one of sums) code.vector("vpxord", one, one, one);
  code.constant("rax", 0n);
  code.bind(sum);
  each((at, value) => code.vector("load", value, scoresAt(at)));
  each((_, value) => code.vector("vsubps", value, largest, value));
  each((_, value) => code.vector("vmulps", value, factor, value));
  emitPower(code);
  each((at, value) => code.vector("vaddps", sums[at] as number, value, sums[at] as number));
  each((at, value) => code.vector("store", value, scoresAt(at)));
  code.add("rax", roundScores);
  code.compare("rax", "r10");
  code.jumpIf("less", sum);
  code.vector("vaddps", sums[0], sums[1], sums[0]);
  code.vector("vaddps", sums[0], sums[2], sums[0]);
  emitAcross(code, "vaddps", sums[0]);
  emitConstant(code, largest, 1);
  code.vector("vdivps", largest, sums[0], largest);
  code.vector("store", largest, word("rsp", lanes));
  code.loadHalf("rax", word("rsp", lanes));
  code.storeHalf({ base: "rsp", index: "r12", scale: 4, offset: 8 * reciprocals }, "rax");
  code.load("rax", word("rsp", places.scoreBytes));
  code.add("r8", "rax");
  code.add("r12", 1);
  code.load("rax", word("rsp", places.heads));
  code.compare("r12", "rax");
  code.jumpIf("less", head);
}

/** Reduces the 16 lanes of a vector; all lanes then hold the result. */
function emitAcross(code: Assembler, by: "vmaxps" | "vaddps", vector: number): void {
  const [first, second] = [21, 22];
  // combines halves, then quarters, then the four numbers of a quarter in pairs
  for (const order of [0x4e, 0xb1]) {
    code.vector("vshuff32x4", first, vector, vector, order);
    code.vector(by, vector, first, vector);
  }
  for (const width of ["ps", "pd"] as const) {
    code.vector(`vunpckl${width}`, first, vector, vector);
    code.vector(`vunpckh${width}`, second, vector, vector);
    code.vector(by, vector, first, second);
  }
}

/** Computes the weighted sums of values, 32 columns at a time, with separate code for each number of heads. */
function emitMix(code: Assembler): void {
  const done = code.label();
  for (let heads = groupHeads; heads > 0; heads--) {
    const fewer = code.label();
    code.load("rax", word("rsp", places.heads));
    code.compare("rax", heads);
    code.jumpIf("less", fewer);
    emitMixOf(code, heads);
    code.jump(done);
    code.bind(fewer);
  }
  code.bind(done);
}

function emitMixOf(code: Assembler, heads: number): void {
  const sum = (head: number, half: number): number => 2 * head + half;
  const weight = (head: number): Address => {
    if (head === groupHeads - 1) return { base: "r10" };
    return head === 0 ? { base: "r14" } : { base: "r14", index: "r11", scale: head as 1 | 2 };
  };
  const token = (): void => {
    for (let half = 0; half < 2; half++) emitWidened(code, 16 + half, { base: "r13", offset: 32 * half });
    for (let head = 0; head < heads; head++) {
      code.vector("vbroadcastss", 18 + head, weight(head));
      for (let half = 0; half < 2; half++) code.vector("vfmadd231ps", sum(head, half), 16 + half, 18 + head);
    }
  };
  const [column, page, next, done] = [code.label(), code.label(), code.label(), code.label()];
  code.constant("rbx", 0n); // byte offset of the pass's columns in the result
  code.bind(column);
  for (let at = 0; at < 2 * heads; at++) code.vector("vpxord", at, at, at);
  code.load("r14", word("rsp", places.scores));
  code.load("r11", word("rsp", places.scoreBytes));
  code.address("r10", { base: "r11", index: "r11", scale: 2 });
  code.add("r10", "r14"); // address for the last head
  code.load("r9", word("rsp", places.rowBytes));
  code.shiftRight("r9", 1);
  code.move("r8", "rbx");
  code.shiftRight("r8", 1);
  code.load("rax", word("rsp", places.valuePage));
  code.add("r8", "rax");
  code.load("rcx", word("rsp", places.count));
  code.bind(page);
  code.move("r13", "r8");
  code.constant("rdx", BigInt(pageTokens));
  code.compare("rcx", "rdx");
  code.moveIf("less", "rdx", "rcx");
  code.subtract("rcx", "rdx");
  code.bind(next);
  token();
  code.add("r13", "r9");
  code.add("r14", 4);
  code.add("r10", 4);
  code.subtract("rdx", 1);
  code.jumpIf("notEqual", next);
  code.compare("rcx", 1);
  code.jumpIf("less", done);
  code.load("rax", word("rsp", places.pageBytes));
  code.add("r8", "rax");
  code.jump(page);
  code.bind(done);
  code.load("r9", word("rsp", places.rowBytes));
  code.load("rdi", word("rsp", places.result));
  code.add("rdi", "rbx");
  for (let head = 0; head < heads; head++) {
    code.vector("vbroadcastss", 18, { base: "rsp", offset: 8 * reciprocals + 4 * head });
    for (let half = 0; half < 2; half++) {
      code.vector("vmulps", sum(head, half), 18, sum(head, half));
      code.vector("store", sum(head, half), { base: "rdi", offset: 64 * half });
    }
    if (head < heads - 1) code.add("rdi", "r9");
  }
  code.add("rbx", 4 * passColumns);
  code.compare("rbx", "r9");
  code.jumpIf("less", column);
}
