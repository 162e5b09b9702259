/** @file Turns the guards' evidence into verdicts: applies the recipe's mode of each guard, and overruled guards. */

import { cost, seconds } from "@tunewise/core/quantity";
import type { RecordedVerdict, Verdict } from "@tunewise/core/run";
import {
  actOn,
  type CurveGuard,
  type Evidence,
  type GuardMode,
  type Outlook,
  severestWarning,
} from "../../guard/index.ts";
import type { GuardsSection } from "../../recipe/index.ts";
import type { RunSession } from "./session.ts";

/** Factor for the learning rate after a roll-back. */
export const rateShare = 0.2;

/** State of the training loop that the guards' messages need. */
export interface LoopState {
  /** Seconds of training so far, in all sessions. */
  readonly trainSeconds: number;
  /** Step whose checkpoint would be the result now; `null` if there is none. */
  readonly keptStep: number | null;
}

/** A finding, and the verdict about it. */
export interface Judged {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

/** Decides on what the guards find in one run, and remembers their verdicts. */
export class EvidenceJudge {
  private readonly session: RunSession;
  /** Verdicts of all sessions. */
  private readonly spoken: RecordedVerdict[];
  /** Factor applied to the scheduled learning rate, after roll-backs. */
  rateScale: number;

  constructor(session: RunSession) {
    this.session = session;
    this.spoken = [...session.earlier.verdicts];
    this.rateScale = session.start.rateScale;
  }

  /** Verdicts of this session and earlier ones. */
  get verdicts(): readonly RecordedVerdict[] {
    return this.spoken;
  }

  /** Records a verdict of any guard. */
  note(verdict: RecordedVerdict): void {
    this.spoken.push(verdict);
  }

  /** Verdicts on evidence, in its order. */
  judge(evidence: readonly Evidence[], step: number, state: LoopState): Judged[] {
    return evidence.map((one) => {
      const earlier = severestWarning(
        this.spoken.map(({ verdict }) => verdict),
        one.guard,
      );
      const verdict = actOn(one, this.modeOf(one.guard), this.outlook(step, state), earlier);
      return { evidence: one, verdict };
    });
  }

  /** The mode of a guard. A guard that a person has overruled only warns. */
  private modeOf(guard: CurveGuard): GuardMode {
    const { recipe, earlier } = this.session;
    const mode = modesOf(recipe.guards)[guard];
    return earlier.overruled.includes(guard) && mode !== "off" ? "warn" : mode;
  }

  private outlook(step: number, { trainSeconds, keptStep }: LoopState): Outlook {
    const { runId, start, meter } = this.session;
    const left = seconds((trainSeconds / Math.max(1, step)) * (start.steps - step));
    return {
      run: runId,
      step,
      steps: start.steps,
      keptStep,
      leftSeconds: left,
      leftUsd: cost(meter.priceUsdPerHour, left),
      // checkpoints record a roll-back only by its rate
      rollBack: this.rateScale < 1 ? null : { rateShare },
    };
  }
}

/** Mode of each guard, by its name. */
function modesOf(guards: GuardsSection): Readonly<Record<CurveGuard, GuardMode>> {
  const { noProgress, leakageSuspected, ...same } = guards;
  return { ...same, "no-progress": noProgress, "leakage-suspected": leakageSuspected };
}
