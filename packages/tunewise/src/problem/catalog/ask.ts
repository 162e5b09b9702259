/** @file Problems of model APIs: requests, keys and payment. Data only. */

export const askProblems = {
  ASK_ADDRESS_INVALID: {
    title: "The endpoint's address is not valid",
    message: "The address {place} cannot be used: {reason}.",
    fix: "url: https://api.openai.com/v1",
    exitCode: 64,
    docs: "An endpoint is an http or https address without a user name and password, because tunewise records the address. Keys come from the environment.",
  },
  ASK_KEY_MISSING: {
    title: "The endpoint's key is missing",
    message: "The environment variable {name} is not set or is empty.",
    fix: "export {name}=...",
    exitCode: 4,
    docs: "tunewise reads the key from the named variable at the moment it needs it. It writes the key to no file, record or message.",
  },
  ASK_KEY_UNUSABLE: {
    title: "The endpoint's key cannot be sent",
    message:
      "The key for {place} contains characters that are not allowed in an HTTP header, such as spaces or line breaks.",
    fix: "set the variable again, without quotes and line breaks in its value",
    exitCode: 4,
    docs: "The key is sent in a header, and headers hold visible ASCII characters. The usual cause is a line break at the end of a key that was read from a file.",
  },
  ASK_KEY_REFUSED: {
    title: "The endpoint rejected the key",
    message: "{place} answered with status {status}.",
    fix: "check that the variable holds a key of this endpoint, and that the key may use the model",
    exitCode: 4,
    docs: "Status 401 means that the key is unknown or missing, 403 that it lacks permission. Neither is temporary, so tunewise does not retry. The endpoint's text is not shown, because it may contain parts of the key.",
  },
  ASK_REFUSED: {
    title: "The endpoint rejected the request",
    message: "{place} rejected the request: {reason}.",
    fix: "check model and address; the same request would fail again",
    docs: "The rejection is permanent: an unknown model, a prompt longer than the context, an exhausted quota, or a redirect to another host, which tunewise never follows. tunewise first drops parameters that the endpoint does not know.",
  },
  ASK_NO_ANSWER: {
    title: "The endpoint gave no complete answer",
    message: "{place} gave no complete answer in {tries} tries. The last one: {reason}.",
    fix: "run the same command again: saved answers are kept and not paid for again",
    docs: "tunewise retries, with growing pauses, after statuses 408, 409, 425, 429 and 5xx, broken connections, incomplete streams, answers that are not JSON, and timeouts. Each such try is charged at its maximum cost, unless the endpoint rejected it before a model read it.",
  },
  ASK_PRICE_UNKNOWN: {
    title: "The model has no price",
    message: "No price list in use contains the price of {model} per million tokens.",
    fix: "usd_per_million: { input: 0.15, output: 0.60 }",
    exitCode: 64,
    docs: "tunewise sends nothing that might cost money without a known price. The price comes from the price book, including your own price file, or is written next to the endpoint. Declare your own endpoint free if it costs nothing per token.",
  },
  ASK_PRICE_INVALID: {
    title: "The price is not valid",
    message: "A price per million tokens must be a number from 0 to {most}; found {found}.",
    fix: "usd_per_million: { input: 0.15, output: 0.60 }",
    exitCode: 64,
    docs: "Prices are dollars per million tokens, one for the prompt and one for the answer.",
  },
  ASK_BUDGET_SPENT: {
    title: "The budget does not cover the next question",
    message:
      "{purse} may spend {cap}: {spent} is spent, {reserved} is reserved for open questions, and the next one can cost {needed}.",
    fix: "Raise the cap to {enough} or more; saved answers are kept and not paid for again",
    exitCode: 2,
    docs: "Before tunewise sends a question, it reserves the maximum cost: each byte of the prompt as a token, plus the longest answer. The actual cost then replaces the reservation. If a process died with open questions, their reservations remain, because their cost is unknown.",
  },
} as const;
