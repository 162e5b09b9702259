/** @file Machine code that converts activations to bfloat16, once for all products that read them. */
import { ComputeFunction, type ContextFunctions, word } from "./operator-code.ts";
import { emitLanesBelow, type PanelConstants } from "./panel-code.ts";
import { type Address, type Assembler, type Label, zeroing } from "./x64.ts";

/** Numbers per task. */
const taskNumbers = 1 << 14;

/** Emits `Narrow(x [M, K], sizes [M, K]) -> bfloat16 [M, K]`; returns the label of its compute function. */
export function emitNarrow(code: Assembler, functions: ContextFunctions, { lanes }: PanelConstants): Label {
  const facts = { source: 0, result: 1, count: 2, sizes: 3 };
  const task = code.label();
  code.bind(task);
  // rdi: facts, rsi: number of the task
  code.move("rax", "rsi");
  code.multiplyBy("rax", taskNumbers);
  code.load("rcx", word("rdi", facts.count));
  code.address("rdx", { base: "rax", offset: taskNumbers });
  code.compare("rdx", "rcx");
  code.moveIf("less", "rcx", "rdx");
  code.load("r8", word("rdi", facts.source));
  code.load("r9", word("rdi", facts.result));
  const [round, rest, done] = [code.label(), code.label(), code.label()];
  const from: Address = { base: "r8", index: "rax", scale: 4 };
  const to: Address = { base: "r9", index: "rax", scale: 2 };
  const left = (atLeast: number, otherwise: Label): void => {
    code.move("rdx", "rcx");
    code.subtract("rdx", "rax");
    code.compare("rdx", atLeast);
    code.jumpIf("less", otherwise);
  };
  code.bind(round);
  left(32, rest);
  code.vector("load", 0, { ...from, offset: 64 });
  code.vector("vcvtne2ps2bf16", 1, from, 0);
  code.vector("store", 1, to);
  code.add("rax", 32);
  code.jump(round);
  // the rest, an even count, 16 numbers at a time; masks prevent access beyond the end
  code.bind(rest);
  code.addressOf("r10", lanes);
  const again = code.label();
  code.bind(again);
  left(1, done);
  emitLanesBelow(code, numbersMask, "rdx", "r10");
  code.masked("load", 0, from, null, numbersMask | zeroing);
  code.vector("vcvtne2ps2bf16", 1, 0, 0);
  code.shiftRight("rdx", 1);
  emitLanesBelow(code, pairsMask, "rdx", "r10");
  code.masked("store", 1, to, null, pairsMask);
  code.add("rax", 16);
  code.jump(again);
  code.bind(done);
  code.zeroUpper();
  code.return();

  return ComputeFunction.emit(code, functions, Object.keys(facts).length, (compute) => {
    compute.input(0, facts.source);
    compute.input(1, facts.sizes);
    code.load("rbp", word("rsp", facts.sizes));
    compute.output(0, 2, facts.result);
    code.load("rax", word("rbp", 0));
    code.load("rcx", word("rbp", 1));
    code.multiply("rax", "rcx");
    code.store(word("rsp", facts.count), "rax");
    compute.spreadParts(taskNumbers, task);
  });
}

/** Mask registers for the rest: lanes of float32 numbers, and of bfloat16 pairs. */
const [numbersMask, pairsMask] = [1, 2];
