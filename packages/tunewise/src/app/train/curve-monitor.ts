/**
 * @file What is done in a run about what its curves show: what the recipe lets each guard do, what a person has
 * overruled, and how a run goes back to an earlier step.
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

/** Share of the learning rate that a run continues with after a roll-back. */
export const rateShare = 0.2;

/** What a loop knows that a guard's words need. */
export interface LoopState {
  /** Seconds of training so far, of all sessions. */
  readonly trainSeconds: number;
  /** Step whose checkpoint would be the result now; `null`: none. */
  readonly keptStep: number | null;
}

/** Something found, and what is to be done about it. */
export interface Judged {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

/** Watches the curves of one run. */
export class CurveMonitor {
  private readonly session: RunSession;
  private readonly guards: CurveGuards;
  /** Verdicts of all sessions. */
  private readonly spoken: RecordedVerdict[];
  private rateScale: number;

  constructor(session: RunSession, warmupSteps: number) {
    const { recipe, start, target, earlier } = session;
    const { learningRate, clipNorm, schedule } = recipe.training;
    const { steps, stepsPerEpoch, vocabularySize: vocabulary } = start;
    const facts = { steps, stepsPerEpoch, warmupSteps, learningRate, schedule, clipNorm, target, vocabulary };
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

  /** After a step, or at one whose loss is not a number. */
  afterStep(figures: StepFigures, state: LoopState): Judged[] {
    return this.judged(this.guards.afterStep(figures), figures.step, state);
  }

  /** After an evaluation on the validation rows. */
  afterEvaluation(step: number, loss: number, state: LoopState): Judged[] {
    return this.judged(this.guards.afterEvaluation(step, loss), step, state);
  }

  /** Goes back to the curves as they were at a step, with the rate that training continues at. */
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

  /** A guard that a person has overruled only warns. */
  private modeOf(guard: CurveGuard): GuardMode {
    const { recipe, earlier } = this.session;
    const mode = modesOf(recipe.guards)[guard];
    return earlier.overruled.includes(guard) && mode !== "off" ? "warn" : mode;
  }

  private outlook(step: number, { trainSeconds, keptStep }: LoopState): Outlook {
    const { runId, start, meter } = this.session;
    const left = seconds((trainSeconds / Math.max(1, step)) * (start.steps - step));
    return {
      ...{ run: runId, step, steps: start.steps, keptStep },
      leftSeconds: left,
      leftUsd: cost(meter.priceUsdPerHour, left),
      // what a checkpoint remembers of a roll-back is the rate
      rollBack: this.rateScale < 1 ? null : { rateShare },
    };
  }
}

/** What each guard may do, by its name. */
function modesOf(guards: GuardsSection): Readonly<Record<CurveGuard, GuardMode>> {
  const { divergence, learning, overfitting, doomed, plateau, tooGood, gradients } = guards;
  return { divergence, learning, overfitting, doomed, plateau, "too-good": tooGood, gradients };
}
