/** @file Problems of model APIs: requests, keys and payment. Data only. */

export const askProblems = {
  ASK_ADDRESS_INVALID: {
    title: "The endpoint's address cannot be used",
    message: "{place} cannot be asked: {reason}.",
    fix: "url: https://api.openai.com/v1",
    exitCode: 64,
    docs: "An endpoint is an address of http or https, without a name and a password in it: those would be written down with it. Keys come from the environment.",
  },
  ASK_KEY_MISSING: {
    title: "The endpoint's key is missing",
    message: "The environment variable {name} is not set, or empty.",
    fix: "export {name}=...",
    exitCode: 4,
    docs: "A key is read from the variable that is named, at the moment it is needed. It is written to no file, no record and no message.",
  },
  ASK_KEY_UNUSABLE: {
    title: "The endpoint's key cannot be sent",
    message: "The key for {place} has characters that no header can carry, such as blanks or a line's end.",
    fix: "set the variable again, without quotes and line breaks in its value",
    exitCode: 4,
    docs: "A key goes into a header, and headers hold visible ASCII characters. A line's end behind a key that was read from a file is the usual reason.",
  },
  ASK_KEY_REFUSED: {
    title: "The endpoint refuses the key",
    message: "{place} answered with status {status}.",
    fix: "check that the variable holds a key of this endpoint, and that the key may use the model",
    exitCode: 4,
    docs: "Status 401 says that the key is unknown or missing, 403 that it may not do what was asked. Neither passes by itself, so nothing is tried again. What the endpoint says beside it is not shown, since it may hold parts of the key.",
  },
  ASK_REFUSED: {
    title: "The endpoint refuses the question",
    message: "{place} does not answer: {reason}.",
    fix: "check model and address; with the same question the answer would be the same",
    docs: "A refusal that does not pass: an unknown model, a prompt beyond the context, a quota that is used up, a redirect to another host, which is never followed. Parameters that the endpoint does not know are dropped before this is reported.",
  },
  ASK_NO_ANSWER: {
    title: "The endpoint gave no whole answer",
    message: "{place} gave no whole answer in {tries} tries, the last one: {reason}.",
    fix: "run the same again: answers that came are kept and not paid for again",
    docs: "Tried again, with growing pauses, are statuses 408, 409, 425, 429 and 5xx, connections that break, streams that end in the middle, answers that are no JSON and silence. Each such try is counted with the most that it can have cost, unless the endpoint refused it before a model read it.",
  },
  ASK_PRICE_UNKNOWN: {
    title: "The model has no price",
    message: "No price list in force knows what {model} costs a million tokens.",
    fix: "usd_per_million: { input: 0.15, output: 0.60 }",
    exitCode: 64,
    docs: "Nothing is asked that might cost money without a price to count it by. A price comes from the price book, your own price file included, or is written beside the endpoint; an endpoint of your own that costs nothing a token is declared free.",
  },
  ASK_PRICE_INVALID: {
    title: "A price cannot be used",
    message: "{found} is no price of a million tokens: a number from 0 to {most} is.",
    fix: "usd_per_million: { input: 0.15, output: 0.60 }",
    exitCode: 64,
    docs: "Prices are dollars a million tokens, of the prompt and of the answer.",
  },
  ASK_BUDGET_SPENT: {
    title: "The cap on asking does not cover the next question",
    message:
      "{purse} may spend {cap}: {spent} is spent, {reserved} is set aside for questions in flight, and the next one can cost {needed}.",
    fix: "Raise the cap to {enough} or more; answers that came are kept and not paid for again",
    exitCode: 2,
    docs: "Before a question is asked, the most that it can cost is set aside: every byte of the prompt as a token, the longest answer. What it did cost takes its place. Set aside stays also what belonged to a process that died while it asked, since nobody can know what that question cost.",
  },
} as const;
