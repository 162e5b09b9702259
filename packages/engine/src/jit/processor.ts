/** @file Detects the vector features that both the processor and the operating system support. */
import { arch, platform } from "node:os";
import { callCode } from "../native/library.ts";
import { executable } from "./executable-memory.ts";
import { Assembler } from "./x64.ts";

/** Features that kernels need. */
export interface VectorFeatures {
  /** AVX512F, BW and VL. */
  readonly avx512: boolean;
  /** AVX512-BF16 as well. */
  readonly bf16: boolean;
}

/** Bits of `cpuid` and `xgetbv`: AVX512F, BW and VL; AVX512-BF16; the operating system saves these registers. */
const [leafSeven, needsBits, bf16Bit, savedStates] = [7n, (1 << 16) | (1 << 30) | (1 << 31), 1 << 5, 0xe6];

/** Whether this system can run the engine's machine code: x86-64 with the calling convention of Linux. */
export function isSupportedPlatform(): boolean {
  return platform() === "linux" && arch() === "x64";
}

let known: VectorFeatures | null = null;

/** Detects the processor's features, once per process. */
export function vectorFeatures(): VectorFeatures {
  known ??= askFeatures();
  return known;
}

function askFeatures(): VectorFeatures {
  const none = { avx512: false, bf16: false };
  if (!isSupportedPlatform()) return none;
  const top = ask((code) => {
    code.constant("rax", 0n);
    code.constant("rcx", 0n);
    code.processorId();
  });
  if (top < Number(leafSeven)) return none;
  const systemSaves = ask((code) => {
    code.constant("rax", 1n);
    code.constant("rcx", 0n);
    code.processorId();
    code.move("rax", "rcx");
  });
  if ((systemSaves & (1 << 27)) === 0) return none;
  const states = ask((code) => {
    code.constant("rcx", 0n);
    code.enabledStates();
  });
  const avx512 = (leaf(0n, "rbx") & needsBits) === needsBits && (states & savedStates) === savedStates;
  return { avx512, bf16: avx512 && (leaf(1n, "rax") & bf16Bit) !== 0 };
}

function leaf(subleaf: bigint, result: "rax" | "rbx"): number {
  return ask((code) => {
    code.constant("rax", leafSeven);
    code.constant("rcx", subleaf);
    code.processorId();
    code.move("rax", result);
  });
}

/** Runs a few instructions and returns `rax`; 0 if the system does not allow executable memory. */
function ask(emit: (code: Assembler) => void): number {
  const code = new Assembler();
  code.push("rbx");
  emit(code);
  code.pop("rbx");
  code.return();
  const at = executable(code.code());
  return at === null ? 0 : callCode(at);
}
