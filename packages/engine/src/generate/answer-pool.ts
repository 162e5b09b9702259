/** @file Conversations whose answers are computed together, with any adapters of one base. */

import type { TrainedAdapter } from "../adapters/tuned.ts";
import type { AnswerOptions, AnswerPool, AnswerToken, Conversation } from "../engine.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import { problem } from "../problem/index.ts";
import { LoraStack } from "./lora-stack.ts";
import { Sequence } from "./sequence.ts";
import { SlotGroup } from "./slot-group.ts";

/**
 * Creates a pool. LoRA adapters are copied into it and computed together with the base; full weights, which share no
 * products with the base, alternate with it pass by pass.
 *
 * @param adapters one per conversation; `null` for the base
 * @param slots maximum answers in progress per set of weights; further ones wait
 */
export function createAnswerPool(
  model: LoadedModel,
  adapters: readonly (TrainedAdapter | null)[],
  slots: number,
): AnswerPool {
  const scheduler = new Scheduler();
  const loras = adapters.flatMap((adapter) => (adapter?.kind === "lora" ? [adapter] : []));
  const stack = loras.length > 0 ? new LoraStack(model.architecture, loras) : null;
  const places = adapters.map((adapter) => (adapter?.kind === "lora" ? loras.indexOf(adapter) : -1));
  const placeOf = (adapter: number): number => places[adapter] ?? -1;
  const shared = scheduler.group(new SlotGroup(model, { tuned: null, stack, placeOf }, slots));
  const conversations = adapters.map((adapter, index): Conversation => {
    if (adapter?.kind !== "full") return conversationOf(model, scheduler, shared, index);
    const weights = { tuned: adapter, stack: null, placeOf: () => -1 };
    return conversationOf(model, scheduler, scheduler.group(new SlotGroup(model, weights, slots)), index);
  });
  return { conversations, settled: () => scheduler.settled() };
}

function conversationOf(
  { architecture }: LoadedModel,
  scheduler: Scheduler,
  group: SlotGroup,
  adapter: number,
): Conversation {
  const limit = architecture.contextLength;
  async function* answer(prompt: Int32Array, options: AnswerOptions): AsyncGenerator<AnswerToken, void> {
    if (prompt.length >= limit) throw problem("ENGINE_ROW_TOO_LONG", { found: prompt.length + 1, limit });
    const most = Math.min(options.maxNewTokens, limit - prompt.length);
    if (most < 1) return;
    const sequence = new Sequence(adapter, prompt, options, most);
    group.add(sequence);
    scheduler.start();
    yield* sequence.read();
  }
  return { answer, cachedTokens: (prompt) => group.cachedTokens(adapter, prompt) };
}

/** Runs the groups in turn as long as one has work. Programs are not reentrant, so there is one loop. */
class Scheduler {
  private readonly groups: SlotGroup[] = [];
  private running: Promise<void> | null = null;

  group(group: SlotGroup): SlotGroup {
    this.groups.push(group);
    return group;
  }

  start(): void {
    this.running ??= this.run().finally(() => {
      this.running = null;
      // a sequence that was added after the last look at its group
      if (this.groups.some(({ isIdle }) => !isIdle)) this.start();
    });
  }

  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    while (this.groups.some(({ isIdle }) => !isIdle)) {
      for (const group of this.groups) {
        if (group.isIdle) continue;
        try {
          await group.turn();
        } catch (error) {
          group.fail(error);
        }
      }
    }
  }
}
