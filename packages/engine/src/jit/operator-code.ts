/**
 * @file The frame of an operator's compute function in machine code.
 *
 * `compute(kernel, context)` gets inputs and outputs through the runtime's functions and distributes tasks over the
 * runtime's threads. Calling convention: System V (Linux).
 *
 * @source onnxruntime_c_api.h 1.30: OrtCustomOp::KernelComputeV2, KernelContext_ParallelFor
 */
import type { Pointer } from "../native/library.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Addresses of the runtime's functions that kernels call. */
export interface ContextFunctions {
  readonly getInput: Pointer;
  readonly getOutput: Pointer;
  readonly getTensorData: Pointer;
  readonly parallelFor: Pointer;
}

/** Callee-saved registers. */
const saved: readonly Register[] = ["rbx", "rbp", "r12", "r13", "r14", "r15"];

/** Address of a word of 8 bytes by its index after `base`. */
export const word = (base: Register, at: number): Address => ({ base, offset: 8 * at });

/** Emits the division of `rax` by a constant, rounded up. Changes rcx and rdx. */
export function divideUp(code: Assembler, by: number): void {
  code.add("rax", by - 1);
  code.constant("rcx", BigInt(by));
  code.constant("rdx", 0n);
  code.divide("rcx");
}

/** Emits pushes of the saved registers. */
export function saveRegisters(code: Assembler): void {
  for (const one of saved) code.push(one);
}

/** Emits pops of the saved registers, and the return. */
export function restoreRegisters(code: Assembler): void {
  for (const one of saved.toReversed()) code.pop(one);
  code.return();
}

/**
 * Emits compute functions, which collect the facts for their tasks: words of 8 bytes from `rsp` on. In a body, `rbx`
 * holds the context.
 */
export class ComputeFunction {
  private readonly code: Assembler;
  private readonly functions: ContextFunctions;
  /** Jump targets that end a body early: `done` with success, `fail` with the status in `rax`. */
  private readonly done: Label;
  private readonly fail: Label;
  /** Word index of the input or output value looked up last. */
  private readonly value: number;

  private constructor(code: Assembler, functions: ContextFunctions, words: number) {
    this.code = code;
    this.functions = functions;
    this.done = code.label();
    this.fail = code.label();
    this.value = words;
  }

  /**
   * Emits a compute function.
   *
   * @param words number of facts, each a word of 8 bytes
   * @returns its label
   */
  static emit(
    code: Assembler,
    functions: ContextFunctions,
    words: number,
    body: (compute: ComputeFunction) => void,
  ): Label {
    const label = code.label();
    code.bind(label);
    const compute = new ComputeFunction(code, functions, words);
    // with six saved registers and the return address, an odd number of words aligns rsp to 16 bytes
    const bytes = 8 * ((words + 1) | 1);
    saveRegisters(code);
    code.subtract("rsp", bytes);
    code.move("rbx", "rsi");
    body(compute);
    code.bind(compute.done);
    code.constant("rax", 0n);
    code.bind(compute.fail);
    code.add("rsp", bytes);
    restoreRegisters(code);
    return label;
  }

  /** Stores the address of an input's numbers as a fact. */
  input(index: number, fact: number): void {
    const { code, functions } = this;
    code.move("rdi", "rbx");
    code.constant("rsi", BigInt(index));
    code.address("rdx", word("rsp", this.value));
    this.callRuntime(functions.getInput);
    this.dataOf(fact);
  }

  /** Stores the address of an output's numbers as a fact; `rbp` points to its shape. */
  output(index: number, rank: number, fact: number): void {
    const { code, functions } = this;
    code.move("rdi", "rbx");
    code.constant("rsi", BigInt(index));
    code.move("rdx", "rbp");
    code.constant("rcx", BigInt(rank));
    code.address("r8", word("rsp", this.value));
    this.callRuntime(functions.getOutput);
    this.dataOf(fact);
  }

  /** Ends the function if a register is zero, because results without rows need no computation. */
  endIfZero(register: Register): void {
    this.code.compare(register, 0);
    this.code.jumpIf("equal", this.done);
  }

  /** Splits the count in `rax` into parts of `size`, the last possibly smaller; runs `task(facts, number)` for each. */
  spreadParts(size: number, task: Label): void {
    divideUp(this.code, size);
    this.code.move("rdx", "rax");
    this.spread(task);
  }

  /** Runs `task(facts, number)` for each number below the one in `rdx`. */
  spread(task: Label): void {
    const { code, functions } = this;
    code.move("rdi", "rbx");
    code.addressOf("rsi", task);
    code.constant("rcx", 0n); // 0: one batch per task, so that idle threads take the next task
    code.move("r8", "rsp");
    this.callRuntime(functions.parallelFor);
  }

  private dataOf(fact: number): void {
    const { code, functions } = this;
    code.load("rdi", word("rsp", this.value));
    code.address("rsi", word("rsp", fact));
    this.callRuntime(functions.getTensorData);
  }

  /** Calls a function of the runtime; if it returns an error status, the compute function returns that status. */
  private callRuntime(address: Pointer): void {
    const { code, fail } = this;
    code.constant("rax", address);
    code.call("rax");
    code.compare("rax", 0);
    code.jumpIf("notEqual", fail);
  }
}
