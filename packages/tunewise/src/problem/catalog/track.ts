/** @file Problems of runs that clients log. Data only. */

export const trackProblems = {
  SHARED_BUDGET_SPENT: {
    title: "The budget is spent",
    message: "{sentence} No new run begins.",
    fix: "tunewise cost budget list; to raise one: tunewise cost budget set 500usd --project NAME",
    exitCode: 2,
    docs: "A budget over a project, or over all of them together, runs over a calendar month (UTC) or for ever. Once the ledger has reached it, no run of any client is let in that would be paid from it, and those at work are asked to save and stop.",
  },
  TRACKER_UNREACHABLE: {
    title: "The tracking server does not answer",
    message: "{url} does not answer: {reason}.",
    fix: "start it with: tunewise serve; or leave --server away to track in this folder",
    docs: "A command in a budget is noted down before it starts, so that a duplicate is refused before it costs anything. Without the server that is not possible.",
  },
  TRACKER_REFUSED: {
    title: "The tracking server refused",
    message: "{url} answered with status {status}: {message}.",
    fix: "set TUNEWISE_API_KEY to a token of yours on that server, and check that it is tunewise's",
    exitCode: 4,
    docs: "The server may want a token, may be another program, or may be of another version.",
  },
  BUDGET_INVALID: {
    title: "The budget is not a valid amount",
    message: "A budget is an amount above zero in dollars, with its unit; found {found}.",
    fix: "tunewise cost budget set 500usd --project NAME",
    exitCode: 64,
    docs: "A budget is written as `500usd` or `$500`, with up to six digits behind the point.",
  },
  BUDGET_MISSING: {
    title: "There is no such budget",
    message: "There is no budget of {whose} for {period}.",
    fix: "tunewise cost budget list",
    docs: "Budgets are named by their project and their period.",
  },
  SPEND_GROUP_UNKNOWN: {
    title: "Spending cannot be grouped so",
    message:
      "Spending is grouped by project, person, client, purpose, method, status, month, run or tag:KEY; {by} is none of them.",
    fix: "tunewise cost report --by project",
    exitCode: 64,
    docs: "Every line of the ledger belongs to a run, and a run has a project, a person, a client, a purpose (experiment or production), a method where its parameters tell one, a status and tags.",
  },
  SPEND_DAY_INVALID: {
    title: "This is no day",
    message: "{day} is no day or month.",
    fix: "write 2026-11 or 2026-11-25",
    exitCode: 64,
    docs: "Times of the ledger are in UTC. A month stands for its first day.",
  },
  MODEL_SOURCES_INVALID: {
    title: "This is no policy for sources of models",
    message:
      "--model-sources takes schemes and prefixes of addresses, such as s3:,https://models.example/; found {found}.",
    fix: "write --model-sources s3:,gs:,https://models.example/  or  --model-sources none",
    exitCode: 64,
    docs: "A version in the registry may name files that lie outside of the server. Its address is recorded and handed to clients, and never opened by the server. Paths of a disk cannot be allowed: they mean another file on each machine.",
  },
  ALERT_WEBHOOK_INVALID: {
    title: "The address for alerts is none",
    message: "{variable} is no http or https address.",
    fix: "set {variable} to a complete address, or unset it",
    exitCode: 64,
    docs: "Alerts that runs raise are posted as JSON to the address in TUNEWISE_ALERT_WEBHOOK, by the server alone and nowhere else.",
  },
  ALERT_NOT_SENT: {
    title: "An alert was not sent on",
    message: "The alert was kept with its run, and not sent to {host}: {reason}.",
    fix: "check the address in TUNEWISE_ALERT_WEBHOOK; tunewise runs show RUN lists the alert",
    docs: "An alert is posted up to three times, each with a deadline of 10 seconds. A refusal (a status of 4xx but for 408 and 429) is not repeated.",
  },
} as const;
