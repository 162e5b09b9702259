/**
 * @file Reacts to a run's curves: applies the recipe's mode of each guard, respects overruled guards, and rolls a run
 * back to an earlier step.
 */

import { cost, seconds } from "@tunewise/core/quantity";
import type { Curves, RecordedVerdict, Verdict } from "@tunewise/core/run";
import {
  actOn,
  type CurveGuard,
  type Evidence,
  type GuardMode,
  type Outlook,
  severestWarning,
} from "../../guard/index.ts";
import type { GuardsSection } from "../../recipe/index.ts";
import { CurveGuards, type StepFigures } from "./curve-guards.ts";
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

/** Monitors the curves of one run. */
export class CurveMonitor {
  private readonly session: RunSession;
  private readonly guards: CurveGuards;
  /** Verdicts of all sessions. */
  private readonly spoken: RecordedVerdict[];
  private rateScale: number;

  constructor(session: RunSession, warmupSteps: number) {
    const { recipe, start, target, earlier } = session;
    const { learningRate, maxGradNorm, schedule } = recipe.training;
    const { steps, stepsPerEpoch, vocabularySize: vocabulary } = start;
    const facts = {
      steps,
      stepsPerEpoch,
      warmupSteps,
      learningRate,
      schedule,
      maxGradNorm,
      target,
      vocabulary,
    };
    this.session = session;
    this.guards = new CurveGuards(facts, start.state.curves);
    this.spoken = [...earlier.verdicts];
    this.rateScale = start.rateScale;
  }

  get curves(): Curves {
    return this.guards.curves;
  }

  /** Verdicts of this session and earlier ones. */
  get verdicts(): readonly RecordedVerdict[] {
    return this.spoken;
  }

  /** Records a verdict of any guard. */
  note(said: RecordedVerdict): void {
    this.spoken.push(said);
  }

  /** Judges a step, which may have a non-finite loss. */
  afterStep(figures: StepFigures, state: LoopState): Judged[] {
    return this.judged(this.guards.afterStep(figures), figures.step, state);
  }

  /** Judges an evaluation on the validation rows. */
  afterEvaluation(step: number, loss: number, state: LoopState): Judged[] {
    return this.judged(this.guards.afterEvaluation(step, loss), step, state);
  }

  /** Restores the curves of an earlier step, and sets the rate scale for the continued training. */
  rollBack(step: number, rateScale: number): void {
    const upTo = (points: Curves["train"]): Curves["train"] => points.filter(([at]) => at <= step);
    const { train, validation } = this.guards.curves;
    this.guards.restore({ train: upTo(train), validation: upTo(validation) });
    this.rateScale = rateScale;
  }

  private judged(evidence: readonly Evidence[], step: number, state: LoopState): Judged[] {
    return evidence.map((one) => {
      const said = severestWarning(
        this.spoken.map(({ verdict }) => verdict),
        one.guard,
      );
      const verdict = actOn(one, this.modeOf(one.guard), this.outlook(step, state), said);
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
