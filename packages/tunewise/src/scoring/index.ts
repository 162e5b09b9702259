/** @file Answers of a model, decoded and scored by the recipe's metrics; forgetting and safety. */

export {
  type AnsweredRow,
  type ArmResult,
  answersPath,
  type JudgedRows,
  type Judgement,
  questionKey,
  readAnsweredRows,
  readJudgedRows,
  readRecordedAnswers,
  type SeenRows,
  writeAnswers,
} from "./answers-file.ts";

export { callConstraint } from "./call-constraint.ts";
export { type DecodingModel, decodeAnswers } from "./decode-answers.ts";

export { type FigureInput, measureFigures } from "./forgetting-figures.ts";
export {
  type ForgettingOutcome,
  forgettingSummary,
  outcomeOf,
  pointOf,
  pointOfOutcome,
} from "./forgetting-outcome.ts";
export { readBaseFigures, readForgettingDocument, writeForgetting } from "./forgetting-record.ts";
export {
  type FrozenAnswer,
  type FrozenHeader,
  type FrozenParameters,
  type FrozenReference,
  type FrozenSource,
  frozenFile,
  readFrozenReference,
  writeFrozenReference,
} from "./frozen-reference.ts";
export { jsonConstraint } from "./json-constraint.ts";
export {
  type Decoding,
  decodingFor,
  decodingOf,
  isStructured,
  knownLabelsOf,
  offeredBy,
} from "./label-set.ts";
export {
  type MeasuredModel,
  type ModelPair,
  measuredModel,
  modelPair,
  type UsedModel,
} from "./measured-model.ts";
export { askSafety, type Probe, safetyOutcome, safetySummary } from "./safety-outcome.ts";
export { type Scorer, scoreAnswers } from "./score-answers.ts";
export { nearestAnswers, trivialScores } from "./trivial-scores.ts";
