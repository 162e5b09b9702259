/** @file Problems of shared budgets, of repeated runs and of cost reports. Data only. */

export const budgetEntries = {
  SHARED_BUDGET_SPENT: {
    title: "The budget is spent",
    message: "{sentence} No new run begins.",
    fix: "tunewise cost budget list; to raise one: tunewise cost budget set 500usd --project NAME",
    exitCode: 2,
    docs: "A budget over a project, or over all of them together, runs over a calendar month (UTC) or for ever. Once the ledger has reached it, no run of any client is let in that would be paid from it, and those at work are asked to save and stop.",
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
  RUN_DUPLICATE: {
    title: "The same experiment ran before",
    message: "Run {id} of {date} is the same experiment: {result}, for {price}. Nothing was spent.",
    fix: 'tunewise runs show {id}; to pay again anyway, give a reason: --force "REASON"',
    exitCode: 2,
    docs: "Model weights, the content of the data, every setting that can change the result, and the seed are the same as of a run that is completed or running. Names, places, budgets, files' names and the order of rows do not count. Failed and interrupted runs do not count. Of a command under tunewise exec, the command line, the content of the files it names and the code's version count; of a client's run, the fingerprint that it brings. A reason given with --force is kept with the run.",
  },
} as const;
