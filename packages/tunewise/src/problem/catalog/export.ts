/** @file Problems of model exports. Data only. */

export const exportProblems = {
  EXPORT_FOLDER_NOT_EMPTY: {
    title: "The export's folder is not empty",
    message: "{folder} exists and is not empty.",
    fix: "tunewise model export {run} --format {format} -o ANOTHER_FOLDER, or add --force to replace files of the same names",
    docs: "An export never mixes with existing files unless you pass --force. With --force, new files replace existing ones of the same name once they are complete. Other files stay unchanged.",
  },
  EXPORT_DISK_FULL: {
    title: "The export does not fit on the disk",
    message: "The export needs {needed}, but the disk of {folder} has {free} free. Nothing was written.",
    fix: "{fix}",
    docs: "Before writing, tunewise compares the total size of the export's files with the free space on the target disk. A smaller type needs less: bf16 half of f32, q8_0 (GGUF) a little more than a quarter.",
  },
  EXPORT_BASE_CHANGED: {
    title: "The base model is not the one the run was trained on",
    message: "Run {run} was trained on {model} at {before}, but the model found now is {now}.",
    fix: "restore the files that the run was trained on; --format peft copies the adapter without its base",
    docs: "An adapter is a difference to one set of weights. Merged into other weights, it gives a model that nobody trained and that no report describes.",
  },
  VERIFY_EXPORT_MISSING: {
    title: "There is no export to verify",
    message: "{path} does not exist, or holds nothing that {runtime} loads.",
    fix: "tunewise model export {run} --format {format}, or name the export: --export PATH",
    docs: "`model verify` loads an export that is already on the disk: that of the run's folder, or the one that --export names.",
  },
  VERIFY_RUNTIME_MISSING: {
    title: "The runtime is not installed",
    message: "{runtime} runs from the place that {variable} names, and {variable} is not set.",
    fix: "{install}",
    docs: "tunewise installs no runtime. llama.cpp is loaded from node-llama-cpp (TUNEWISE_LLAMA_CPP), transformers from a Python interpreter (TUNEWISE_PYTHON), transformers.js from @huggingface/transformers (TUNEWISE_TRANSFORMERS_JS).",
  },
  VERIFY_RUNTIME_UNKNOWN: {
    title: "Not a runtime that can be verified",
    message: "{runtime} is not a runtime that tunewise can verify. Known: {known}.",
    fix: "tunewise model verify latest --in llama.cpp",
    exitCode: 64,
    docs: "`--in` names a program that loads exports on this machine, a server by its program (`ollama`, `vllm`), or a server by its address.",
  },
  VERIFY_SERVER_UNREACHABLE: {
    title: "The server does not answer",
    message: "{runtime} does not answer at {url}.",
    fix: "{start}",
    docs: "Servers of models are not started by tunewise. Ollama is expected at OLLAMA_HOST or 127.0.0.1:11434, vLLM at 127.0.0.1:8000; `--in` also accepts an address.",
  },
  VERIFY_MODEL_UNKNOWN: {
    title: "The server has no such model",
    message: "{runtime} was asked for the model {model}. It has: {known}.",
    fix: "add --model {first}",
    exitCode: 64,
    docs: "A server may offer several models. `--model` chooses one by its name at the server. Without it, the model that is named like the run is chosen, or the only one.",
  },
  VERIFY_RUNTIME_FAILED: {
    title: "The runtime failed",
    message: "{runtime} could not load or run {path}: {reason}",
    fix: "check that this version of {runtime} supports the model's architecture, and that the export is complete",
    docs: "The runtime rejected the export, crashed, or ran longer than 30 minutes. The message is the runtime's.",
  },
} as const;
