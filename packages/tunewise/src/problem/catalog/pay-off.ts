/** @file Problems of the pay-off of a move. Data only. */

export const payOffProblems = {
  PAYOFF_VOLUME_UNKNOWN: {
    title: "Number of calls unknown",
    message: "Neither --calls nor a log with times states how many calls a month has",
    fix: "--calls 20000..40000",
    exitCode: 64,
    docs: "The bill of a month is calls times tokens times price. State the calls of a month as a number or a range, or give a log whose rows have a time (`time`, `timestamp`, `created` or `asked_at`). The answers of `tunewise freeze` have tokens, but their number says nothing about a month. `decision.answers_per_month` of the recipe counts as stated.",
  },
  PAYOFF_TOKENS_UNKNOWN: {
    title: "Tokens of a call unknown",
    message: "Neither --tokens-in and --tokens-out nor a log with usage states the tokens of a call",
    fix: "--tokens-in 800 --tokens-out 150",
    exitCode: 64,
    docs: "State the mean tokens of a prompt and of an answer, as the vendor's bill counts them, or give a log whose rows have `usage`.",
  },
  PAYOFF_LOG_EMPTY: {
    title: "No usable call of the model in the log",
    message: "The log has no usable call of {model}: {reason}",
    fix: "{fix}",
    exitCode: 64,
    docs: "Only calls of the model that is replaced count. A log states the model of each call in `model` and its tokens in `usage`. Vendors may answer under a name with a date; both names count as the same model.",
  },
  PAYOFF_LOG_SHORT: {
    title: "The log is too short for a month",
    message:
      "The log covers {days} days. With fewer than {needed} complete days, a month is taken as uncertain by a factor of {factor} in both directions",
    fix: "--calls 20000..40000",
    exitCode: 2,
    docs: "Weekdays differ, so a month is extrapolated from at least seven complete days (UTC), without the first and the last one. The range follows from their variation.",
  },
  PAYOFF_LOG_PARTIAL: {
    title: "Calls without usage",
    message: "{without} of {calls} calls state no tokens; they are counted with the mean of the others",
    fix: '"stream_options": {"include_usage": true}',
    exitCode: 2,
    docs: "Streamed answers of OpenAI's API state their tokens only if the request asks for them with `stream_options`.",
  },
  PAYOFF_PRICE_UNKNOWN: {
    title: "Price of the model unknown",
    message: "No price list has {model}",
    fix: "tunewise prices update",
    exitCode: 64,
    docs: "A bill is computed only from a price with a source. `tunewise prices update` downloads current lists; `prices.yaml` states prices of your own contract (docs/prices.md). A fine-tuned model does not get the price of its base.",
  },
  PAYOFF_TRAINING_UNKNOWN: {
    title: "Cost of training unknown",
    message: "Neither a run, a recipe nor --training states what the replacement costs",
    fix: "--training 20usd",
    exitCode: 64,
    docs: "Name a finished run, whose cost is measured, or a recipe, which is planned. `--training` states the cost of one training, such as the quote of a hosted trainer.",
  },
  PAYOFF_SUCCESSOR_UNKNOWN: {
    title: "The model ends, and no successor is named",
    message: "{model} stops answering on {on} ({source}), so staying is not possible after that",
    fix: "--to-api gpt-5.4-mini",
    exitCode: 64,
    docs: "A model that is shut down cannot be the alternative of a move. Name the API model that would replace it; after the day of the shutdown, the bill of staying has the successor's price. `--ends` states the day for models whose end is not in tunewise's table.",
  },
} as const;
