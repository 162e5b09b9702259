/** @file Tests blockwise attention on this machine; machine code is skipped if the processor cannot run it. */
import { describe, expect, test } from "vitest";
import { attentionTables } from "../batch/attention-tables.ts";
import { executable } from "../jit/executable-memory.ts";
import { laneCount } from "../jit/flash-frame.ts";
import { machineAttention } from "../jit/flash-operators.ts";
import { emitPower, emitPowerConstants, values } from "../jit/flash-softmax.ts";
import { Assembler } from "../jit/x64.ts";
import { addressOf, callCode, type Pointer } from "../native/library.ts";
import { createSession } from "../runtime/session.ts";
import { blockAttentionOperators } from "./block-operators.ts";
import { chooseAttention } from "./choose.ts";
import { attentionIsRight, attentionProgram, type Open } from "./self-test.ts";

/** Corrupts one number of an output in every run: scales it by `factor` and adds `factor - 1`. */
const wrongIn =
  (port: string, factor: number): Open =>
  async (program, options) => {
    const session = await createSession(program, options);
    return {
      ...session,
      run: async (binding, inputs, outputs) => {
        await session.run(binding, inputs, outputs);
        const numbers = outputs[port] as Float32Array;
        numbers[numbers.length - 1] = (numbers.at(-1) as number) * factor + factor - 1;
      },
    };
  };

describe("by programs for each block", () => {
  const attention = blockAttentionOperators(1);
  test("agrees with loops", async () => {
    expect(await attentionIsRight({ threads: 1, attention, numbers: "float32" })).toBe(true);
  });

  test("a failure inside reaches the caller", async () => {
    const session = await createSession(attentionProgram({ ...shape, kvHeads: 2 }), {
      threads: 1,
      attention,
    });
    const { feeds, sizes } = attentionTables([{ start: 0, end: 20, memory: 0 }], laneCount, null);
    const short = { ...feeds, "rows.segments": BigInt64Array.of(0n, 0n, 0n) };
    const run = session.run({ N: 40, ...sizes }, { ...someInputs(40), ...short }, outputsOf(40));
    await expect(run).rejects.toThrow("rows that do not cover the tokens");
    await session.close();
  });

  test("takes models whose heads are too wide for machine code", async () => {
    expect((await chooseAttention({ headWidth: 320 }, 1)).from).toBe(2048);
    expect((await chooseAttention({ headWidth: 20 }, 1)).from).toBe(2048);
  });
});

const shape = { heads: 4, kvHeads: 2, width: 32, scale: 0.25, cap: 0 };

function someInputs(tokens: number): Record<"query" | "key" | "value" | "gradient", Float32Array> {
  const wave = (heads: number, step: number): Float32Array =>
    Float32Array.from({ length: tokens * heads * shape.width }, (_, at) => Math.sin(step * at));
  return { query: wave(4, 1.3), key: wave(2, 0.7), value: wave(2, 2.1), gradient: wave(4, 0.3) };
}

function outputsOf(tokens: number): Record<"mixed" | "g.query" | "g.key" | "g.value", Float32Array> {
  const numbers = (heads: number): Float32Array => new Float32Array(tokens * heads * shape.width);
  return { mixed: numbers(4), "g.query": numbers(4), "g.key": numbers(2), "g.value": numbers(2) };
}

const ways = (["float32", "bfloat16"] as const).map(
  (numbers) => [numbers, machineAttention(numbers)] as const,
);

describe.each(ways)("by machine code in %s", (numbers, machine) => {
  const attention = machine as Pointer;
  const it = test.skipIf(machine === null);
  it("agrees with loops on one and two threads", async () => {
    for (const threads of [1, 2]) expect(await attentionIsRight({ threads, attention, numbers })).toBe(true);
  });

  it.each(["mixed", "g.query", "g.key", "g.value"])(
    "is not trusted with a wrong number in %s",
    async (port) => {
      expect(
        await attentionIsRight(
          { threads: 1, attention, numbers },
          wrongIn(port, numbers === "float32" ? 1.01 : 2),
        ),
      ).toBe(false);
    },
  );

  it("gives the same bytes on one and two threads", async () => {
    const tokens = 300;
    const { feeds, sizes } = attentionTables([{ start: 0, end: tokens, memory: 0 }], laneCount, 100);
    const results = [];
    for (const threads of [1, 2]) {
      const session = await createSession(attentionProgram(shape), { threads, attention });
      const outputs = outputsOf(tokens);
      await session.run({ N: tokens, ...sizes }, { ...someInputs(tokens), ...feeds }, outputs);
      results.push(outputs);
      await session.close();
    }
    expect(results[0]).toEqual(results[1]);
  });

  it("scores of any size leave finite numbers", async () => {
    const tokens = 70;
    const { feeds, sizes } = attentionTables([{ start: 0, end: tokens, memory: 0 }], laneCount, null);
    for (const cap of [0, 30]) {
      const session = await createSession(attentionProgram({ ...shape, cap }), { threads: 1, attention });
      const inputs = someInputs(tokens);
      const large = { ...inputs, query: inputs.query.map((one) => 1e6 * one) };
      const outputs = outputsOf(tokens);
      await session.run({ N: tokens, ...sizes }, { ...large, ...feeds }, outputs);
      for (const numbers of Object.values(outputs)) expect(numbers.every(Number.isFinite)).toBe(true);
      await session.close();
    }
  });

  it("powers of 2 are right to 2 units in the last place", () => {
    const count = 4096 * laneCount;
    const x = Float32Array.from({ length: count }, (_, at) => (252 * at) / count - 125.5);
    const found = powersOf(x);
    let most = 0;
    for (const [at, one] of found.entries()) {
      const exact = 2 ** (x[at] as number);
      const unit = 2 ** (Math.floor(Math.log2(exact)) - 23);
      most = Math.max(most, Math.abs(one - exact) / unit);
    }
    expect(most).toBeLessThan(2);
    expect([...powersOf(Float32Array.of(-1e30, -200, 0, 3))]).toEqual([0, 0, 1, 8]);
  });
});

/** 2 to the power of each number, computed with the kernels' instructions. */
function powersOf(x: Float32Array): Float32Array {
  const rounds = Math.ceil(x.length / laneCount);
  const numbers = new Float32Array(rounds * laneCount);
  numbers.set(x);
  const code = new Assembler();
  emitPowerConstants(code);
  code.constant("rsi", addressOf(numbers));
  code.constant("rcx", BigInt(rounds));
  const round = code.label();
  code.bind(round);
  for (const [at, vector] of values.entries()) code.vector("load", vector, { base: "rsi", offset: 64 * at });
  emitPower(code);
  for (const [at, vector] of values.entries()) code.vector("store", vector, { base: "rsi", offset: 64 * at });
  code.add("rsi", 4 * laneCount);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
  code.zeroUpper();
  code.return();
  callCode(executable(code.code()) as Pointer);
  return numbers.subarray(0, x.length);
}
