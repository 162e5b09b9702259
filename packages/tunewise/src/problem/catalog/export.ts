/** @file Problems of model exports. Data only. */

export const exportProblems = {
  EXPORT_FOLDER_NOT_EMPTY: {
    title: "The export's folder is not empty",
    message: "{folder} is there and not empty.",
    fix: "tunewise model export {run} --format {format} -o ANOTHER_FOLDER, or add --force to replace files of the same names",
    docs: "An export never mixes with files that were there before unless --force says so. With it, files of the export's own names are replaced once the new ones are whole; others are left alone.",
  },
  EXPORT_DISK_FULL: {
    title: "The export does not fit on the disk",
    message: "The export takes {needed}, but the disk of {folder} has {free} free. Nothing was written.",
    fix: "{fix}",
    docs: "The sizes of all files of an export are known before the first one is written, and compared with what is free on the disk of the target folder. A smaller type needs less: bf16 half of f32, q8_0 (GGUF) a little more than a quarter.",
  },
  EXPORT_BASE_CHANGED: {
    title: "The base model is not the one the run was trained on",
    message: "Run {run} was trained on {model} at {before}; what is found now is {now}.",
    fix: "bring the files back that the run was trained on; --format peft copies the adapter without its base",
    docs: "An adapter is a difference to one set of weights. Merged into others it gives a model that nobody trained and no report is about.",
  },
} as const;
