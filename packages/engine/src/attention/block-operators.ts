/**
 * @file The operators of blockwise attention as callbacks that run `block-programs.ts`.
 *
 * A layer's programs are the same as with machine code. The runtime calls a kernel on the thread that runs the session.
 */
import type { Segment } from "../batch/attention-tables.ts";
import { anyVersion, fields, structureOf } from "../jit/custom-operators.ts";
import { forwardInputs, inputNames } from "../jit/flash-frame.ts";
import { inputTypes } from "../jit/flash-operators.ts";
import { attentionName } from "../jit/operator-kinds.ts";
import type { Scoring } from "../models/attention.ts";
import { addressOf, callback, floatsAt, integersAt, type Pointer, storePointer } from "../native/library.ts";
import { cText, type Native, native } from "../native/runtime.ts";
import { attentionDomain, elementTypes } from "../onnx/writer.ts";
import { BlockPrograms, type Rows } from "./block-programs.ts";

/** Objects that the runtime references by address; they must not be collected while the process runs. */
const referenced: unknown[] = [];

/** Status code of a kernel that failed. */
const failed = 1;

/**
 * Creates a domain whose operators run block programs.
 *
 * @param threads per block program
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export function blockAttentionOperators(threads: number): Pointer {
  const runtime = native();
  const domain = runtime.make("createOperatorDomain", attentionDomain);
  // one pair of programs per head shape; like the domain, they stay open until the process ends
  const programs = new Map<string, BlockPrograms>();
  const programsOf = (scoring: Scoring): BlockPrograms => {
    const key = JSON.stringify(scoring);
    const known = programs.get(key) ?? new BlockPrograms(scoring, threads);
    programs.set(key, known);
    return known;
  };
  for (const isCapped of [false, true]) {
    for (const isGradient of [false, true]) {
      const name = attentionName({ isGradient, isCapped });
      const compute = (context: Pointer): void => {
        const run = new KernelRun(runtime, context, isCapped);
        if (isGradient) runGradient(run, programsOf(run.scoring));
        else runForward(run, programsOf(run.scoring));
      };
      const [inputs, outputs] = isGradient ? [inputNames.length, 4] : [forwardInputs, 2];
      const structure = describe(runtime, name, inputs, outputs, compute);
      referenced.push(structure);
      runtime.call("addOperator", domain, structure);
    }
  }
  return domain;
}

function runForward(run: KernelRun, programs: BlockPrograms): void {
  const { tokens, scoring } = run;
  run.write(0, [tokens, scoring.heads * scoring.headWidth], programs.mix(run.numbers(), run.rows));
  // the softmax statistics stay zero: the gradient computes them again
  run.write(1, [2 * scoring.heads, tokens], new Float32Array(2 * scoring.heads * tokens));
}

function runGradient(run: KernelRun, programs: BlockPrograms): void {
  const { tokens, scoring } = run;
  const gradient = run.floats("gradient", scoring.heads);
  const { query, key, value } = programs.gradients({ ...run.numbers(), gradient }, run.rows);
  run.write(0, [tokens, scoring.heads * scoring.headWidth], query);
  for (const [at, one] of [key, value].entries())
    run.write(1 + at, [tokens, scoring.kvHeads * scoring.headWidth], one);
  run.write(3, [scoring.heads, tokens], new Float32Array(scoring.heads * tokens));
}

/** Inputs and outputs of one call of a kernel. */
class KernelRun {
  readonly tokens: number;
  readonly scoring: Scoring;
  private readonly runtime: Native;
  private readonly context: Pointer;

  constructor(runtime: Native, context: Pointer, isCapped: boolean) {
    this.runtime = runtime;
    this.context = context;
    const sizes = integersAt(this.input("sizes"), 4);
    const [tokens = 0, heads = 1, kvHeads = 1, headWidth = 1] = [...sizes].map(Number);
    const [, cap = 1, attentionScale = 1] = floatsAt(this.input("numbers"), 3);
    const attentionCap = isCapped ? cap / Math.LOG2E : null;
    this.tokens = tokens;
    this.scoring = { heads, kvHeads, headWidth, attentionScale, attentionCap };
  }

  get rows(): Rows {
    const [window = 0n] = integersAt(this.input("window"), 1);
    const segments: Segment[] = [];
    // segments are contiguous; the last one ends at the last token
    for (let at = 0, done = 0; done < this.tokens; at++) {
      const [start = 0, end = 0, memory = 0] = this.segment(at);
      segments.push({ start, end, memory });
      if (end <= done) throw new Error("rows that do not cover the tokens");
      done = end;
    }
    return { segments, window: Number(window) };
  }

  numbers(): { query: Float32Array; key: Float32Array; value: Float32Array } {
    const { heads, kvHeads } = this.scoring;
    return {
      query: this.floats("query", heads),
      key: this.floats("key", kvHeads),
      value: this.floats("value", kvHeads),
    };
  }

  /** An input `[N, heads * E]`, valid while the kernel runs. */
  floats(name: (typeof inputNames)[number], heads: number): Float32Array {
    return floatsAt(this.input(name), this.tokens * heads * this.scoring.headWidth);
  }

  write(index: number, shape: readonly number[], numbers: Float32Array): void {
    const dims = BigInt64Array.from(shape, BigInt);
    const value = this.runtime.make("getKernelOutput", this.context, index, dims, dims.length);
    floatsAt(this.runtime.make("getTensorData", value), numbers.length).set(numbers);
  }

  private segment(at: number): number[] {
    const bytesOfThree = 24n;
    return [...integersAt(this.input("segments") + BigInt(at) * bytesOfThree, 3)].map(Number);
  }

  private input(name: (typeof inputNames)[number]): Pointer {
    const value = this.runtime.make("getKernelInput", this.context, inputNames.indexOf(name));
    return this.runtime.make("getTensorData", value);
  }
}

/** Builds an operator's structure: the functions that describe it, and the one that computes it. */
function describe(
  runtime: Native,
  name: string,
  inputs: number,
  outputs: number,
  compute: (context: Pointer) => void,
): BigUint64Array {
  const text = cText(name);
  referenced.push(text);
  const answer = (value: number): Pointer => callback("int", ["void *", "size_t"], () => value);
  const address = (value: Pointer | null): Pointer => callback("void *", ["void *"], () => value);
  const type = (at: Pointer): number => inputTypes[Number(at)] ?? 0;
  const work = (_: Pointer, context: Pointer): Pointer | null => {
    try {
      compute(context);
      return null;
    } catch (error) {
      const detail = error instanceof Error ? error.message : "attention in blocks failed";
      return runtime.functions.createStatus(failed, detail) as Pointer;
    }
  };
  const create = (operator: Pointer, _: Pointer, __: Pointer, result: Pointer): null => {
    storePointer(result, operator);
    return null;
  };
  const byField: [number, Pointer][] = [
    [fields.getName, address(addressOf(text))],
    [fields.getProvider, address(null)],
    [fields.getInputType, callback("int", ["void *", "size_t"], (_, at) => type(at as Pointer))],
    [fields.getInputCount, callback("size_t", ["void *"], () => inputs)],
    [fields.getOutputType, answer(elementTypes.float32)],
    [fields.getOutputCount, callback("size_t", ["void *"], () => outputs)],
    [fields.destroy, callback("void", ["void *"], () => null)],
    [fields.create, callback("void *", ["void *", "void *", "void *", "void *"], create as never)],
    [fields.compute, callback("void *", ["void *", "void *"], work as never)],
    [fields.getStart, callback("int", ["void *"], () => 1)],
    [fields.getEnd, callback("int", ["void *"], () => Number(anyVersion))],
  ];
  const same = [
    ...([fields.getInputKind, fields.getOutputKind, fields.getInputMemory] as const).map(
      (at) => [at, 0] as const,
    ),
    ...([fields.getInputArity, fields.getOutputArity] as const).map((at) => [at, 1] as const),
    ...([fields.getInputSame, fields.getOutputSame] as const).map((at) => [at, 1] as const),
  ];
  return structureOf([...byField, ...same.map(([at, value]) => [at, answer(value)] as const)]);
}
