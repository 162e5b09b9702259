/**
 * @file Guards that look at the curves of a run, asked after each step and each evaluation: by the training loop, and
 * by a replay of recorded curves.
 */

import { mean } from "@tunewise/core/math";
import type { Curves } from "@tunewise/core/run";
import { learningRateAt } from "@tunewise/engine";
import {
  checkDivergence,
  checkFutility,
  checkGradients,
  checkLeakage,
  checkOverfitting,
  checkPlateau,
  checkProgress,
  type EvaluationPoint,
  type Evidence,
  type LossHistory,
  type LossToBeat,
  updateHistory,
} from "../../guard/index.ts";

/** Losses before a step that a guard is shown. */
const maxHistory = 100;

/** What guards know of a run before its first step. */
export interface CurveFacts {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** The highest learning rate of the schedule. */
  readonly learningRate: number;
  readonly schedule: "constant" | "linear" | "cosine";
  readonly clipNorm: number;
  /** Size of the vocabulary. */
  readonly vocabulary: number;
  readonly target: LossToBeat | null;
}

/** What a step gave. */
export interface StepFigures {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly updateRatio: number;
}

/** The curves of a run and the guards that look at them. Each step takes the same time, however many went before. */
export class CurveGuards {
  private readonly facts: CurveFacts;
  private readonly rateAreas: readonly number[];
  private train: (readonly [number, number])[] = [];
  private losses: number[] = [];
  private past: LossHistory | null = null;
  private validation: (readonly [number, number])[] = [];
  private lowestValidation: number | null = null;
  private evaluations: EvaluationPoint[] = [];
  /** Of the steps of this session. */
  private norms: number[] = [];
  private ratios: number[] = [];
  private rateShares: number[] = [];

  constructor(facts: CurveFacts, curves: Curves) {
    this.facts = facts;
    this.rateAreas = rateAreasOf(facts);
    this.restore(curves);
  }

  /** Losses so far, as they stand in checkpoints. */
  get curves(): Curves {
    return { train: this.train, validation: this.validation };
  }

  /** Goes back to curves of an earlier step. */
  restore({ train, validation }: Curves): void {
    this.train = [...train];
    this.losses = train.map(([, loss]) => loss);
    this.past = null;
    for (let count = 1; count <= train.length; count++)
      this.past = updateHistory(this.past, this.losses, count);
    [this.norms, this.ratios, this.rateShares] = [[], [], []];
    [this.validation, this.evaluations] = [[], []];
    this.lowestValidation = null;
    for (const [step, loss] of validation) this.look(step, loss);
  }

  /** Takes a step in; gives what guards found, the gravest first. */
  afterStep({ step, loss, gradientNorm, updateRatio }: StepFigures): Evidence[] {
    const { learningRate: learningRatePeak, warmupSteps, steps, clipNorm, vocabulary } = this.facts;
    const { losses, past, norms, ratios, rateShares, rateAreas } = this;
    const divergence = checkDivergence({
      ...{ step, loss, gradientNorm, history: past, learningRatePeak, warmupSteps, vocabulary },
      losses: losses.slice(-maxHistory),
    });
    // a loss that is no number was no step: the weights are as they were
    if (!Number.isFinite(loss)) return divergence ? [divergence] : [];
    this.train.push([step, loss]);
    losses.push(loss);
    norms.push(gradientNorm);
    ratios.push(updateRatio);
    rateShares.push((rateAreas[step] ?? 0) - (rateAreas[step - 1] ?? 0));
    this.past = updateHistory(past, losses, losses.length);
    // the norms of earlier sessions are missing, and with them the warm-up
    const warmupSeen = Math.max(0, warmupSteps - (step - norms.length));
    return [
      divergence,
      checkProgress({
        ...{ losses, steps, warmupSteps, learningRatePeak },
        lowestValidation: this.lowestValidation,
      }),
      checkGradients({ norms, ratios, rateShares, clipNorm, learningRatePeak, warmupSteps: warmupSeen }),
    ].filter((evidence) => evidence !== null);
  }

  /** Takes a look at the validation rows in; gives what guards found, the gravest first. */
  afterEvaluation(step: number, loss: number): Evidence[] {
    const { steps, warmupSteps, target, stepsPerEpoch } = this.facts;
    this.look(step, loss);
    const { evaluations, losses, rateAreas } = this;
    return [
      checkOverfitting({ evaluations, patience: 3 }),
      checkFutility({ evaluations, rateAreas, warmupSteps, target }),
      checkPlateau({ evaluations, steps }),
      checkLeakage({ evaluations, stepsPerEpoch, losses }),
    ].filter((evidence) => evidence !== null);
  }

  private look(step: number, validationLoss: number): void {
    const from = this.validation.at(-1)?.[0] ?? 0;
    const since = this.losses.slice(from, step);
    this.validation.push([step, validationLoss]);
    if (Number.isFinite(validationLoss))
      this.lowestValidation = Math.min(validationLoss, this.lowestValidation ?? validationLoss);
    const trainLoss = mean(since);
    this.evaluations.push({ step, validationLoss, trainLoss });
  }
}

/**
 * Sum of the learning rates of the first so many steps, as shares of the highest. A rate that a roll-back has lowered
 * is counted as if it had not been: more is foreseen then than will be.
 */
function rateAreasOf({ schedule, steps, warmupSteps: warmup }: CurveFacts): number[] {
  const areas = [0];
  for (let step = 1; step <= steps; step++) {
    areas.push(
      (areas[step - 1] as number) + learningRateAt({ schedule, learningRate: 1, warmup }, step, steps),
    );
  }
  return areas;
}
