/** @file Problems of a vendor's fine-tuning jobs. Data only. */

export const vendorJobProblems = {
  VENDOR_KEY_REFUSED: {
    title: "The vendor rejected the key",
    message: "{host} answered with status {status}.",
    fix: "export OPENAI_API_KEY=...",
    exitCode: 4,
    docs: "Status 401 means that the key is unknown, 403 that it may not read jobs or files. A restricted key of OpenAI needs read access to fine-tuning, files and models. The vendor's text is not shown, because it may contain parts of the key.",
  },
  VENDOR_UNAVAILABLE: {
    title: "The vendor gave no usable answer",
    message: "{host} was asked, but {reason}.",
    fix: "run the same command again later, or bring job and rows as files: tunewise init --job job.json --file rows.jsonl",
    docs: "tunewise repeats requests after statuses 408, 409, 429 and 5xx, broken connections, incomplete files and a minute without a byte, five times with growing pauses. Files appear only when they are complete.",
  },
  VENDOR_JOB_NOT_FOUND: {
    title: "The job was not found",
    message: "{host} has no job {id} that this key may see.",
    fix: "tunewise init --from openai",
    exitCode: 64,
    docs: "A key sees the jobs of its own organization and project. Without a job, `--from` lists them. For a job of another project, take a key of that project, or set OPENAI_ORG_ID and OPENAI_PROJECT_ID, which are sent as OpenAI's clients send them.",
  },
  VENDOR_MODEL_NOT_FOUND: {
    title: "No job made this model",
    message: "No job at {host} made {model}; this key sees {found}.",
    fix: "tunewise init --from openai",
    exitCode: 64,
    docs: "A tuned model is found through the job that made it. Without a name, `--from` lists the jobs and their models. A key sees those of its own organization and project (OPENAI_ORG_ID, OPENAI_PROJECT_ID).",
  },
  VENDOR_JOB_UNFINISHED: {
    title: "The job made no model",
    message: "The job {id} is {status}.",
    fix: "tunewise init --from openai",
    exitCode: 64,
    docs: "Only a job that succeeded has a model to compare with. Its rows can be used nevertheless: download them from the vendor's page, then `tunewise init rows.jsonl`.",
  },
  VENDOR_FILE_GONE: {
    title: "The vendor no longer has the file",
    message: "{host} has no file {id}: it was deleted, has expired, or belongs to another project.",
    fix: "tunewise init --job job.json --file rows.jsonl",
    docs: "Vendors delete files on request and after their expiry date; jobs keep the ID. job.json was written before the download, so the rows can come from your own copy: --file, and --validation-file for rows that the vendor did not train on.",
  },
  VENDOR_FILE_TOO_LARGE: {
    title: "The vendor's file is larger than it may be",
    message: "The file {id} has at least {bytes} bytes; at most {most} are accepted.",
    fix: "tunewise init --job job.json --file rows.jsonl",
    docs: "A file may have the size that the vendor states, and at most a gigabyte. Nothing of it was kept.",
  },
  VENDOR_FILE_EXISTS: {
    title: "Files would be replaced",
    message: "This folder already has {files}.",
    fix: "tunewise init --from openai:JOB --force",
    exitCode: 64,
    docs: "`--from` writes job.json, train.jsonl, test.jsonl (the job's validation file) and results.csv next to the recipe. --force replaces them.",
  },
  VENDOR_JOB_INVALID: {
    title: "The job file cannot be used",
    message: "{path} is no job: {reason}.",
    fix: "tunewise init --job job.json --file rows.jsonl",
    exitCode: 64,
    docs: "job.json is a fine-tuning job as the vendor's API returns it (`GET /v1/fine_tuning/jobs/ID`), or as `--from` wrote it. --file names the rows it was trained on.",
  },
} as const;
