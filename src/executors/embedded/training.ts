/**
 * @file The training loop of the embedded engine: steps, evaluations, samples of forgetting and checkpoints, reported
 * as events and steered by commands.
 */
import type { EncodedRow } from "../../dataset/index.ts";
import type { Adapter, LanguageModel, Trainer } from "../../engine/index.ts";
import { createTuned } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Curves, Execution, ExecutionEvent, RunCommand, TrainingState } from "../../run/index.ts";
import type { CheckpointOwner, RunFolder } from "../../track/index.ts";
import { atStart, intoTrainer, keepState, returnToState } from "./checkpoints.ts";
import { EventChannel } from "./event-channel.ts";
import type { ForgettingMonitor } from "./forgetting-monitor.ts";
import { selectCheckpoint } from "./select-checkpoint.ts";
import { type TrainingSchedule, trainingSchedule } from "./training-schedule.ts";

/** Everything a training works with. */
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
  /** Throws unless the run's folder may still be written. */
  readonly demandFolder: () => Promise<void>;
}

/** Where a training ended; its last checkpoint holds the same, unless it `failed`. */
export interface TrainedState {
  /** `failed`: the loss was NaN or infinite and nobody rolled the training back. */
  readonly status: "completed" | "stopped" | "failed";
  readonly info: TrainingState;
}

/**
 * Starts a training, which runs as its events are read.
 *
 * @param until step to pause at, which is evaluated and saved like the last one
 */
export function startTraining(needs: TrainingNeeds, until: number): Execution<TrainedState> {
  const channel = new EventChannel<ExecutionEvent>();
  const training = new Training(needs, (event) => channel.put(event));
  const result = training.run(until).finally(() => channel.close());
  result.catch(() => undefined); // whoever awaits `result()` learns of it
  return {
    events: () => channel,
    send: (command) => training.commands.push(command),
    result: () => result,
  };
}

type Next = "continue" | "rolled-back" | "stopped" | "failed";

class Training {
  readonly commands: RunCommand[] = [];
  readonly #needs: TrainingNeeds;
  readonly #report: (event: ExecutionEvent) => Promise<void>;
  readonly #schedule: TrainingSchedule;
  #curves: Curves;
  #best: TrainingState["best"];
  #tokens: number;
  #trainSeconds: number;
  #savedStep: number;

  constructor(needs: TrainingNeeds, report: (event: ExecutionEvent) => Promise<void>) {
    const { start, trainer, recipe, validation } = needs;
    this.#needs = needs;
    this.#report = report;
    this.#schedule = trainingSchedule(recipe, trainer, validation.length > 0);
    this.#curves = { train: [...start.curves.train], validation: [...start.curves.validation] };
    this.#best = start.best;
    this.#tokens = start.tokens;
    this.#trainSeconds = start.trainSeconds;
    this.#savedStep = start.step;
  }

  async run(until: number): Promise<TrainedState> {
    const { trainer, forgetting } = this.#needs;
    await forgetting?.begin(this.#report);
    while (trainer.step < Math.min(trainer.steps, until)) {
      const next = await this.#advance();
      if (next === "stopped" || next === "failed") return this.#end(next);
    }
    return this.#end("completed");
  }

  /** One step and what is due after it. */
  async #advance(): Promise<Next> {
    const { trainer } = this.#needs;
    await this.#report({ kind: "step-start", step: trainer.step + 1 });
    let next = await this.#obey();
    if (next === "continue") next = await this.#step();
    if (next === "continue" && this.#isDue("evaluation")) next = await this.#evaluate();
    if (next !== "continue") return next;
    if (this.#isDue("forgetting")) {
      await this.#measureForgetting();
      next = await this.#obey();
      if (next !== "continue") return next;
    }
    if (this.#isDue("checkpoint") || this.#isSelected()) await this.#save();
    return "continue";
  }

  async #step(): Promise<Next> {
    const { trainer, elapsedSeconds } = this.#needs;
    const start = elapsedSeconds();
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
    const { trainer, folder, owner, recipe, demandFolder, elapsedSeconds } = this.#needs;
    if (this.#savedStep === trainer.step) return;
    await demandFolder();
    const start = elapsedSeconds();
    const info = this.#info();
    const path = await keepState(folder, owner, trainer, info, selectCheckpoint(info, recipe));
    this.#savedStep = trainer.step;
    const wallSeconds = elapsedSeconds() - start;
    await this.#report({ kind: "checkpoint-saved", step: trainer.step, path, wallSeconds });
  }

  /** Carries out what the controller has asked for. */
  async #obey(): Promise<Next> {
    for (const command of this.commands.splice(0)) {
      if (command.kind === "stop") return "stopped";
      await this.#rollBack(command);
      return "rolled-back";
    }
    return "continue";
  }

  /**
   * Makes an earlier state the one to continue from. Tokens and seconds of training are spent all the same. A run that
   * is killed in the middle of it meets the same step again and comes to the same.
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

  /** The last evaluation, unless there is one already, and a checkpoint. */
  async #end(status: TrainedState["status"]): Promise<TrainedState> {
    const { trainer, forgetting } = this.#needs;
    if (status === "completed") {
      // what a guard asks for here comes too late: there is no step left to take back
      if (this.#curves.validation.at(-1)?.[0] !== trainer.step) await this.#evaluate();
      if (forgetting?.curve.at(-1)?.step !== trainer.step) await this.#measureForgetting();
    }
    if (status !== "failed" && trainer.step > 0) await this.#save();
    return { status, info: this.#info() };
  }

  #addPoint(curve: keyof Curves, step: number, loss: number): void {
    (this.#curves[curve] as (readonly [number, number])[]).push([step, loss]);
  }

  #isDue(work: keyof TrainingSchedule): boolean {
    const every = this.#schedule[work];
    return every > 0 && this.#needs.trainer.step % every === 0;
  }

  /** Whether the step just evaluated would be the result, so that it needs a checkpoint of its own. */
  #isSelected(): boolean {
    const { recipe, trainer } = this.#needs;
    return recipe.training.keep !== "last" && selectCheckpoint(this.#info(), recipe) === trainer.step;
  }

  #info(): TrainingState {
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
