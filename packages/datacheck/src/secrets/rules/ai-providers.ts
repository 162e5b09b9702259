/** @file Rules for model providers, and for services that supply or monitor models. */

import { lot } from "../alphabet.ts";
import { assigned, type SecretRule, token } from "../rule.ts";

/** "OpenAI" in base64, which occurs in the middle of OpenAI's keys. */
const infix = `T3Blbk${"FJ"}`;

function prefixed(id: string, title: string, prefix: string): SecretRule {
  return token(id, title, `${prefix}<base64url:48-220>`, {
    accepts: (value) => value.includes(infix),
    cases: () => [
      `${prefix}${lot(74, "base64url")}${infix}${lot(74, "base64url", 9)}`,
      `${prefix}${lot(20)}${infix}${lot(20)}`,
    ],
  });
}

/** Models, vector stores, speech, experiment trackers. */
export const aiProviderRules: readonly SecretRule[] = [
  prefixed("openai-project", "OpenAI project API key", "sk-proj-"),
  prefixed("openai-service", "OpenAI service account key", "sk-svcacct-"),
  prefixed("openai-admin", "OpenAI admin key", "sk-admin-"),
  token("anthropic", "Anthropic API key", "sk-ant-api<digit:2>-<base64url:95>"),
  token("anthropic-admin", "Anthropic admin API key", "sk-ant-admin<digit:2>-<base64url:95>"),
  token("anthropic-oauth", "Anthropic OAuth token", "sk-ant-oat<digit:2>-<base64url:95>"),
  token("anthropic-session", "Anthropic session key", "sk-ant-sid<digit:2>-<base64url:80-140>"),
  token("openrouter", "OpenRouter API key", "sk-or-v1-<hex:64>"),
  token("langfuse-secret", "Langfuse secret key", "sk-lf-<uuid>"),
  token("deepseek", "DeepSeek API key", "sk-<hex:32>"),
  token("stability", "Stability AI API key", "sk-<base62:48>"),
  token("huggingface", "Hugging Face access token", "hf_<base62:34>"),
  token("huggingface-organization", "Hugging Face organization token", "api_org_<base62:34>"),
  token("replicate", "Replicate API token", "r8_<base62:37>"),
  token("groq", "Groq API key", "gsk_<base62:52>"),
  token("xai", "xAI API key", "xai-<base62:80>"),
  token("perplexity-hex", "Perplexity API key, old form", "pplx-<hex:56>"),
  token("cerebras", "Cerebras API key", "csk-<lower36:48>"),
  token("nvidia", "NVIDIA API key", "nvapi-<base64url:64>"),
  token("fireworks", "Fireworks AI API key", "fw_<base62:22-24>"),
  token("anyscale", "Anyscale API key", "esecret_<lower36:26>"),
  assigned("cohere", "Cohere API key", "cohere|co_api", "<base62:40>"),
  assigned("mistral", "Mistral API key", "mistral", "<base62:32>"),
  assigned("together", "Together AI API key", "together", "<hex:64>"),
  token("together-prefixed", "Together AI API key, prefixed", "tgp_v1_<base64url:43>"),
  assigned("azure-openai-old", "Azure OpenAI key", "openai|aoai", "<hex:32>"),
  token("voyage", "Voyage AI API key", "pa-<base64url:43>"),
  token("jina", "Jina AI API key", "jina_<hex:32><base64url:28>"),
  assigned("ai21", "AI21 API key", "ai21", "<base62:32>"),
  assigned("deepgram", "Deepgram API key", "deepgram", "<hex:40>"),
  assigned("assemblyai", "AssemblyAI API key", "assemblyai|aai_api", "<hex:32>"),
  token("elevenlabs", "ElevenLabs API key", "sk_<hex:48>"),
  assigned("elevenlabs-old", "ElevenLabs API key, old form", "elevenlabs|xi-api", "<hex:32>"),
  token("pinecone", "Pinecone API key", "pcsk_<base62:5-6>_<base62:60-66>"),
  assigned("pinecone-uuid", "Pinecone API key, old form", "pinecone", "<uuid>"),
  assigned("weaviate", "Weaviate API key", "weaviate", "<base62:36>"),
  assigned("qdrant", "Qdrant API key", "qdrant", "<base64url:54>"),
  token("langsmith-personal", "LangSmith personal token", "lsv2_pt_<hex:32>_<hex:10>"),
  token("langsmith-service", "LangSmith service key", "lsv2_sk_<hex:32>_<hex:10>"),
  assigned("wandb", "Weights & Biases API key", "wandb", "<hex:40>"),
  token("wandb-versioned", "Weights & Biases API key, prefixed", "wandb_v<digit:1>_<word:60-100>"),
  assigned("comet", "Comet API key", "comet", "<base62:25>"),
  assigned("neptune", "Neptune API token", "neptune", "eyJhcGlfYWRkcmVzcyI6<base64:60-300>=="),
  assigned("clearml", "ClearML secret key", "clearml|trains_api", "<base62:50>"),
  token("helicone", "Helicone API key", "sk-helicone-<base62:7>-<base62:7>-<base62:7>-<base62:7>"),
  token("tavily", "Tavily API key", "tvly-<base62:32>"),
  token("tavily-dev", "Tavily development API key", "tvly-dev-<base62:32>"),
  token("firecrawl", "Firecrawl API key", "fc-<hex:32>"),
  assigned("exa", "Exa API key", "exa_api|exa-api", "<uuid>"),
  assigned("serpapi", "SerpApi key", "serpapi|serp_api", "<hex:64>"),
  token("apify", "Apify API token", "apify_api_<base62:36>"),
  assigned("runpod-old", "RunPod API key, old form", "runpod", "<upper36:40>"),
  token("runpod", "RunPod API key", "rpa_<upper36:40><lower36:6>"),
  assigned("vast", "Vast.ai API key", "vast_|vastai", "<hex:64>"),
  assigned(
    "lambda-labs",
    "Lambda Cloud API key",
    "lambda",
    "secret_<lower36:10-40>_<lower36:32>.<base62:32>",
  ),
  token("modal", "Modal token secret", "as-<base62:22>"),
  assigned("kaggle", "Kaggle API key", "kaggle", "<hex:32>"),
  token("sk-broad", "API key of the sk- form", "sk-<base64url:32-220>", {
    broad: true,
    severity: "warning",
    entropy: 3.5,
  }),
];
