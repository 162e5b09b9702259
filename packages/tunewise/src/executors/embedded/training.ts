/**
 * @file The training loop of the embedded engine: steps, evaluations, samples of forgetting and checkpoints, reported
 * as events and controlled by commands. A range test is the same loop with swept learning rates.
 */
import type { EncodedRow } from "@tunewise/core/rows";
import type {
  Curves,
  ExecutionEvent,
  RunCommand,
  RunResult,
  RunSpec,
  TrainingState,
} from "@tunewise/core/run";
import type { Adapter, LanguageModel, Trainer } from "@tunewise/engine";
import type { CheckpointOwner, RunFolder } from "@tunewise/tracker";
import { createTuned } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { ForgettingMonitor } from "../measure/forgetting-monitor.ts";
import { selectCheckpoint } from "../measure/select-checkpoint.ts";
import { stepAt, type TrainingSchedule, trainingSchedule } from "../measure/training-schedule.ts";
import { atStart, intoTrainer, keepState, returnToState } from "./checkpoints.ts";

/** Inputs of a training. */
export interface TrainingNeeds {
  readonly model: LanguageModel;
  readonly adapter: Adapter;
  readonly trainer: Trainer;
  readonly recipe: Recipe;
  /** Revision of the base model. */
  readonly revision: string;
  /** Validation rows; empty if there are none. */
  readonly validation: readonly EncodedRow[];
  readonly folder: RunFolder;
  readonly owner: CheckpointOwner;
  /** `null` if forgetting is not measured. */
  readonly forgetting: ForgettingMonitor | null;
  /** The state that the trainer has been restored to. */
  readonly start: TrainingState;
  readonly elapsedSeconds: () => number;
  readonly spec: Pick<RunSpec, "until" | "sweep">;
  /** Seconds until the execution's own limit; the controller usually stops earlier. */
  readonly secondsLeft: () => number;
  readonly commands: CommandQueue;
  readonly report: (event: ExecutionEvent) => Promise<void>;
}

/** Commands received but not yet executed. */
export type CommandQueue = RunCommand[];

/** Trains to the end or to the pause step. The last checkpoint holds the returned state, unless training failed. */
export function train(needs: TrainingNeeds): Promise<Pick<RunResult, "status" | "state">> {
  return new Training(needs).run();
}

/** Intervals of a range test: its steps are neither evaluated nor saved. */
const stepsAlone: TrainingSchedule = { evaluation: 0, forgetting: 0, checkpoint: 0 };

/** Learning rate of a range test's step, on a geometric scale between the bounds. @param step counts from 1 */
export function sweptRate({ low, high }: NonNullable<RunSpec["sweep"]>, step: number, steps: number): number {
  return low * (high / low) ** ((step - 1) / Math.max(1, steps - 1));
}

type Next = "continue" | "rolled-back" | "stopped" | "failed";

class Training {
  readonly #needs: TrainingNeeds;
  readonly #report: (event: ExecutionEvent) => Promise<void>;
  readonly #schedule: TrainingSchedule;
  #curves: Curves;
  #best: TrainingState["best"];
  #tokens: number;
  #trainSeconds: number;
  #savedStep: number;
  #isCheckpointAsked = false;

  constructor(needs: TrainingNeeds) {
    const { start, trainer, recipe, validation, spec } = needs;
    this.#needs = needs;
    this.#report = needs.report;
    this.#schedule =
      spec.sweep === null ? trainingSchedule(recipe, trainer, validation.length > 0) : stepsAlone;
    this.#curves = { train: [...start.curves.train], validation: [...start.curves.validation] };
    this.#best = start.best;
    this.#tokens = start.tokens;
    this.#trainSeconds = start.trainSeconds;
    this.#savedStep = start.step;
  }

  async run(): Promise<Pick<RunResult, "status" | "state">> {
    const { trainer, forgetting, spec } = this.#needs;
    await forgetting?.begin(this.#report);
    const last = spec.until === null ? trainer.steps : stepAt(spec.until, trainer.steps);
    if (trainer.step > 0 && trainer.step < last) {
      const next = await this.#catchUp();
      if (next === "stopped" || next === "failed") return this.#end(next);
    }
    while (trainer.step < last) {
      const next = await this.#advance();
      if (next === "stopped" || next === "failed") return this.#end(next);
    }
    return this.#end("completed");
  }

  /** Runs one step and the work due after it. */
  async #advance(): Promise<Next> {
    const { trainer } = this.#needs;
    await this.#report({ kind: "step-start", step: trainer.step + 1 });
    let next = await this.#obey();
    if (next === "continue" && this.#needs.secondsLeft() <= 0) next = "stopped";
    if (next === "continue") next = await this.#step();
    if (next === "continue" && this.#isDue("evaluation")) next = await this.#evaluate();
    if (next !== "continue") return next;
    if (this.#isDue("forgetting")) {
      await this.#measureForgetting();
      next = await this.#obey();
      if (next !== "continue") return next;
    }
    if (this.#isDue("checkpoint") || this.#isSelected() || this.#isCheckpointAsked) await this.#save();
    return "continue";
  }

  /** On resume, makes up for measurements that were due at the last step of the previous session. */
  async #catchUp(): Promise<Next> {
    const { trainer, forgetting } = this.#needs;
    const isMissing = this.#curves.validation.at(-1)?.[0] !== trainer.step;
    if (isMissing && this.#isDue("evaluation")) {
      const next = await this.#evaluate();
      if (next !== "continue") return next;
    }
    if (!this.#isDue("forgetting") || forgetting?.curve.at(-1)?.step === trainer.step) return "continue";
    await this.#measureForgetting();
    return this.#obey();
  }

  async #step(): Promise<Next> {
    const { trainer, elapsedSeconds } = this.#needs;
    const start = elapsedSeconds();
    this.#setRate();
    let outcome: Awaited<ReturnType<Trainer["next"]>>;
    try {
      outcome = await trainer.next();
    } catch (error) {
      if (!TunewiseError.is(error) || error.code !== "ENGINE_LOSS_NOT_FINITE") throw error;
      await this.#report({ kind: "loss-not-finite", step: trainer.step + 1 });
      return (await this.#obey()) === "rolled-back" ? "rolled-back" : "failed";
    }
    const wallSeconds = elapsedSeconds() - start;
    this.#tokens += outcome.tokens;
    this.#trainSeconds += wallSeconds;
    this.#addPoint("train", outcome.step, outcome.loss);
    await this.#report({ kind: "step-end", ...outcome, steps: trainer.steps, wallSeconds });
    return this.#obey();
  }

  async #evaluate(): Promise<Next> {
    const { model, adapter, validation, trainer, elapsedSeconds } = this.#needs;
    if (validation.length === 0) return "continue";
    const start = elapsedSeconds();
    await this.#report({ kind: "work-start", work: "evaluate", isBooked: false });
    const { nll, labelledTokens } = await model.loss(adapter, validation);
    const loss = nll / Math.max(1, labelledTokens);
    const { step } = trainer;
    this.#addPoint("validation", step, loss);
    if (Number.isFinite(loss) && loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY))
      this.#best = { step, loss };
    await this.#report({ kind: "evaluation-end", step, loss, wallSeconds: elapsedSeconds() - start });
    await this.#report({ kind: "work-start", work: "train", isBooked: false });
    return this.#obey();
  }

  async #measureForgetting(): Promise<void> {
    const { recipe, forgetting, trainer } = this.#needs;
    if (recipe.forgetting.everyCheckpoint) await forgetting?.measureSample(trainer.step, this.#report);
  }

  async #save(): Promise<void> {
    const { trainer, folder, owner, recipe, elapsedSeconds } = this.#needs;
    this.#isCheckpointAsked = false;
    if (this.#savedStep === trainer.step) return;
    await this.#report({ kind: "write-start" });
    const start = elapsedSeconds();
    const state = this.#state();
    const path = await keepState(folder, owner, trainer, state, selectCheckpoint(state, recipe));
    this.#savedStep = trainer.step;
    const wallSeconds = elapsedSeconds() - start;
    await this.#report({ kind: "checkpoint-saved", step: trainer.step, path, wallSeconds });
  }

  /** Executes the controller's commands. */
  async #obey(): Promise<Next> {
    for (const command of this.#needs.commands.splice(0)) {
      if (command.kind === "stop") return "stopped";
      if (command.kind === "checkpoint") this.#isCheckpointAsked = true;
      if (command.kind !== "roll-back") continue;
      await this.#rollBack(command);
      return "rolled-back";
    }
    return "continue";
  }

  /** Sets the learning rate of a range test's next step. */
  #setRate(): void {
    const { trainer, recipe, spec } = this.#needs;
    if (spec.sweep === null) return;
    trainer.rateScale = sweptRate(spec.sweep, trainer.step + 1, trainer.steps) / recipe.training.learningRate;
  }

  /**
   * Restores an earlier state. Tokens and seconds of training already used still count. A run killed during a
   * roll-back reaches the same step again after resuming, with the same outcome.
   */
  async #rollBack({
    before,
    rateScale: factor,
  }: Extract<RunCommand, { readonly kind: "roll-back" }>): Promise<void> {
    const { folder, owner, trainer, recipe, forgetting, start, model, revision } = this.#needs;
    const from = trainer.step;
    const found = await returnToState(folder, before, { owner, restore: intoTrainer(trainer) });
    if (!found) await trainer.restart(await createTuned(model, recipe, revision));
    trainer.rateScale *= factor;
    const { step, rateScale } = trainer;
    const { best, curves } = found?.info ?? atStart;
    this.#best = best;
    this.#curves = { train: [...curves.train], validation: [...curves.validation] };
    forgetting?.rewind(step);
    const used = { tokens: this.#tokens, trainSeconds: this.#trainSeconds, sessions: start.sessions };
    await keepState(
      folder,
      owner,
      trainer,
      { ...(found?.info ?? atStart), step, ...used },
      best?.step ?? null,
    );
    this.#savedStep = step;
    await this.#report({ kind: "rolled-back", step: from, toStep: step, rateScale });
  }

  /** Runs the last measurements that are still missing, and saves a checkpoint. */
  async #end(status: RunResult["status"]): Promise<Pick<RunResult, "status" | "state">> {
    const { trainer, forgetting, spec } = this.#needs;
    if (spec.sweep !== null) return { status, state: this.#state() };
    if (status === "completed") {
      // commands of guards are ignored here: no step is left to roll back
      if (this.#curves.validation.at(-1)?.[0] !== trainer.step) await this.#evaluate();
      if (forgetting?.curve.at(-1)?.step !== trainer.step) await this.#measureForgetting();
    }
    if (status !== "failed" && trainer.step > 0) await this.#save();
    return { status, state: this.#state() };
  }

  #addPoint(curve: keyof Curves, step: number, loss: number): void {
    (this.#curves[curve] as (readonly [number, number])[]).push([step, loss]);
  }

  #isDue(work: keyof TrainingSchedule): boolean {
    const every = this.#schedule[work];
    return every > 0 && this.#needs.trainer.step % every === 0;
  }

  /** Whether the step just evaluated is the selected one so far, which needs a checkpoint. */
  #isSelected(): boolean {
    const { recipe, trainer } = this.#needs;
    return (
      recipe.training.checkpointSelection !== "last" &&
      selectCheckpoint(this.#state(), recipe) === trainer.step
    );
  }

  #state(): TrainingState {
    const { trainer, forgetting, start } = this.#needs;
    return {
      step: trainer.step,
      best: this.#best,
      curves: this.#curves,
      forgetting: forgetting?.curve ?? start.forgetting,
      tokens: this.#tokens,
      trainSeconds: this.#trainSeconds,
      sessions: start.sessions,
    };
  }
}
