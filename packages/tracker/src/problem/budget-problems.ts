/** @file Problems of shared budgets, of repeated runs and of cost reports. Data only. */

export const budgetEntries = {
  SHARED_BUDGET_SPENT: {
    title: "The budget is spent",
    message: "{sentence} No new run can start.",
    fix: "tunewise cost budget list; to raise one: tunewise cost budget set 500usd --project NAME",
    exitCode: 2,
    docs: "A budget for a project, or for all projects together, covers a calendar month (UTC) or all time. Once the ledger has reached it, the server rejects new runs of any client that it would pay for, and asks active ones to save and stop.",
  },
  BUDGET_INVALID: {
    title: "The budget is not a valid amount",
    message: "A budget must be an amount above zero in dollars, with its unit; found {found}.",
    fix: "tunewise cost budget set 500usd --project NAME",
    exitCode: 64,
    docs: "A budget is written as `500usd` or `$500`, with up to six decimal places.",
  },
  BUDGET_MISSING: {
    title: "The budget does not exist",
    message: "No budget exists for {whose} and {period}.",
    fix: "tunewise cost budget list",
    docs: "A budget is identified by its project and its period.",
  },
  SPEND_GROUP_UNKNOWN: {
    title: "Spending cannot be grouped that way",
    message:
      "Spending can be grouped by project, person, client, purpose, method, status, month, run or tag:KEY; found {by}.",
    fix: "tunewise cost report --by project",
    exitCode: 64,
    docs: "Every entry of the ledger belongs to a run. A run has a project, a person, a client, a purpose (experiment or production), a method if its parameters include one, a status and tags.",
  },
  SPEND_DAY_INVALID: {
    title: "The date is not valid",
    message: "{day} is not a valid day or month.",
    fix: "write 2026-11 or 2026-11-25",
    exitCode: 64,
    docs: "Times in the ledger are in UTC. A month means its first day.",
  },
  RUN_DUPLICATE: {
    title: "The same experiment ran before",
    message: "Run {id} of {date} is the same experiment: {result}, for {price}. Nothing was spent.",
    fix: 'tunewise runs show {id}; to pay again anyway, give a reason: --force "REASON"',
    exitCode: 2,
    docs: "A completed or running run has the same model weights, data content, seed, and every setting that can change the result. Names, locations, budgets, file names and the order of rows are ignored, and so are failed and interrupted runs. For a command under tunewise exec, the command line, the content of the files it names and the code version are compared. For a client's run, the fingerprint it supplies is compared. A reason given with --force is stored with the run.",
  },
} as const;
