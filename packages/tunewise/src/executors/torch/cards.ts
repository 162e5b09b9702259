/** @file Detects the graphics cards of this machine, as their driver lists them. */
import { existsSync } from "node:fs";
import { bytes, bytesText } from "@tunewise/core/quantity";
import type { Runtime } from "../../runtime/index.ts";

/** A card with its memory. */
export interface Card {
  readonly name: string;
  readonly memoryBytes: number;
  /** Memory in use by all processes. */
  readonly usedBytes: number;
  /** Compute capability, such as 8.9; `null` if unknown. From 8 on, a card computes in bfloat16. */
  readonly capability: number | null;
}

/** Accelerators besides the processor. */
export type Cards =
  | { readonly kind: "none" }
  | { readonly kind: "cuda"; readonly driver: string; readonly cards: readonly Card[] }
  /** NVIDIA or AMD devices whose driver program is missing or does not answer. */
  | { readonly kind: "unknown"; readonly vendor: "NVIDIA" | "AMD"; readonly reason: string }
  | { readonly kind: "rocm" };

const mib = 1024 * 1024;
/** Time limit of the driver program, since a faulty driver may never answer. */
const answerSeconds = 20;

/** Detects cards. Starts `nvidia-smi` only if the driver's device exists. */
export async function findCards({ sources }: Pick<Runtime, "sources">): Promise<Cards> {
  if (existsSync("/dev/nvidiactl") || existsSync("/dev/nvidia0")) {
    const fields = "name,memory.total,memory.used,driver_version,compute_cap";
    const asked = [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"];
    const { code, output } = (await sources.execute?.("nvidia-smi", asked, answerSeconds)) ?? {
      code: 127,
      output: "",
    };
    return code === 0 ? parseCards(output) : { kind: "unknown", vendor: "NVIDIA", reason: firstLine(output) };
  }
  return existsSync("/dev/kfd") ? { kind: "rocm" } : { kind: "none" };
}

/** Parses lines of `nvidia-smi`: name, total MiB, used MiB, driver version, compute capability. */
export function parseCards(output: string): Cards {
  const rows = output
    .trim()
    .split("\n")
    .map((line) => line.split(",").map((field) => field.trim()));
  const cards = rows.flatMap(([name, total, used, , compute]): Card[] => {
    const [memoryBytes, usedBytes, capability] = [Number(total) * mib, Number(used) * mib, Number(compute)];
    if (!name || !(memoryBytes > 0)) return [];
    return [{ name, memoryBytes, usedBytes: usedBytes || 0, capability: capability || null }];
  });
  const driver = rows[0]?.[3];
  return cards.length > 0 && driver
    ? { kind: "cuda", driver, cards }
    : { kind: "unknown", vendor: "NVIDIA", reason: firstLine(output) };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] || "nvidia-smi gave no answer";
}

/** Describes the cards as text. */
export function cardsText(cards: Cards): string {
  switch (cards.kind) {
    case "none":
      return "none seen; the CPU is used";
    case "rocm":
      return "an AMD device";
    case "unknown":
      return `a device of ${cards.vendor} whose driver does not answer: ${cards.reason}`;
    case "cuda":
      return `${cards.cards.map(cardText).join("; ")}; driver ${cards.driver}`;
  }
}

function cardText({ name, memoryBytes, usedBytes }: Card): string {
  return `${name}, ${bytesText(bytes(usedBytes))} of ${bytesText(bytes(memoryBytes))} in use`;
}
