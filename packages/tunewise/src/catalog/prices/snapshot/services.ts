/**
 * @file The shipped snapshot of training and inference prices, in dollars per million tokens.
 *
 * If a price depends on the length of the request, it is that of short requests. Old models have their last known
 * price.
 *
 * @source the lists named in `serviceSources`; training prices with only a read date come from copies of the vendors'
 *   pages
 */
import type { PriceSource } from "../book.ts";

/** Date on which undated copies were read. */
const readOn = "2026-11-25";

/** Sources by their key in the rows. */
export const serviceSources: Readonly<Record<string, PriceSource>> = {
  "llm-prices": { name: "simonw/llm-prices@723ef0b", asOf: "2026-08-05" },
  openpipe: { name: "OpenPipe/OpenPipe@1da9a241", asOf: "2024-05-24" },
  litellm: { name: "LiteLLM model price list, ft: keys", asOf: null, readOn },
  "openai-copies": { name: "secondary copies of the vendor's list", asOf: null, readOn },
  fireworks: { name: "fireworks.ai/pricing, stored copy", asOf: null, readOn },
  together: { name: "secondary copy; billing rule from the vendor's documentation", asOf: null, readOn },
  ori: { name: "vendor's documentation, stored copy", asOf: null, readOn },
};

/** Training prices. Size limits are in parameters of the model. */
export const trainingTable: string = `\
source,vendor,name,usd_per_million_tokens,parameters_above,parameters_up_to,named_model,billing,closing,quality
openai-copies,openai,gpt-4o-mini-2024-07-18,3,,,true,,true,secondary; the service is closing
openai-copies,openai,gpt-4o-2024-08-06,25,,,true,,true,secondary; the service is closing
openpipe,openai,gpt-3.5-turbo,8,,,true,,true,a third party's own price table; the service is closing
fireworks,fireworks,up to 16B parameters,0.5,,16e9,,,,"vendor's page, stored copy"
fireworks,fireworks,16.1B to 80B parameters,3,16e9,80e9,,,,"vendor's page, stored copy"
fireworks,fireworks,Mixtral-type mixture of experts,2,,,true,,,"vendor's page, stored copy"
together,together,LoRA up to 16B parameters,0.48,,16e9,,padded-rows,,secondary; ask the vendor's price estimate
ori,ori,up to 10B parameters,0.46,,10e9,,,,"vendor's page, stored copy"
openpipe,openpipe,"7B (Mistral, Llama 2)",4,,,true,,true,vendor's own source code; development paused
openpipe,openpipe,Llama 2 13B,8,,,true,,true,vendor's own source code; development paused
openpipe,openpipe,Mixtral 8x7B,8,,,true,,true,vendor's own source code; development paused
`;

/** Inference prices. */
export const inferenceTable: string = `source,vendor,model,input,output
openpipe,openai,gpt-4-0613,30,60
openpipe,openai,gpt-4-32k-0613,60,120
openpipe,openai,gpt-4-1106-preview,10,30
openpipe,openai,gpt-4-0125-preview,10,30
openpipe,openai,gpt-3.5-turbo-0125,0.5,1.5
llm-prices,openai,gpt-4o,2.5,10
llm-prices,openai,gpt-4o-mini,0.15,0.6
llm-prices,openai,gpt-4.1,2,8
llm-prices,openai,gpt-4.1-mini,0.4,1.6
llm-prices,openai,gpt-4.1-nano,0.1,0.4
llm-prices,openai,o4-mini,1.1,4.4
llm-prices,openai,gpt-5,1.25,10
llm-prices,openai,gpt-5-mini,0.25,2
llm-prices,openai,gpt-5-nano,0.05,0.4
llm-prices,openai,gpt-5.1,1.25,10
llm-prices,openai,gpt-5.4,2.5,15
llm-prices,openai,gpt-5.4-mini,0.75,4.5
llm-prices,openai,gpt-5.6-sol,5,30
llm-prices,openai,gpt-5.6-terra,2,12
llm-prices,openai,gpt-5.6-luna,0.2,1.2
llm-prices,anthropic,claude-3-haiku,0.25,1.25
llm-prices,anthropic,claude-3.5-sonnet,3,15
llm-prices,anthropic,claude-4.5-haiku,1,5
llm-prices,anthropic,claude-sonnet-4.5,3,15
llm-prices,anthropic,claude-sonnet-5,3,15
llm-prices,anthropic,claude-opus-4-8,5,25
llm-prices,anthropic,claude-fable-5,10,50
llm-prices,google,gemini-2.5-flash-lite,0.1,0.4
llm-prices,google,gemini-2.5-flash,0.3,2.5
llm-prices,google,gemini-2.5-pro,1.25,10
llm-prices,google,gemini-3-flash-preview,0.5,3
llm-prices,google,gemini-3-1-pro-preview,2,12
llm-prices,google,gemini-3.5-flash-lite,0.3,2.5
llm-prices,google,gemini-3.6-flash,1.5,7.5
llm-prices,deepseek,deepseek-v4-flash,0.14,0.28
llm-prices,deepseek,deepseek-v4-pro,1.74,3.48
llm-prices,mistral,open-mistral-7b,0.25,0.25
llm-prices,mistral,open-mixtral-8x7b,0.7,0.7
llm-prices,mistral,mistral-nemo,0.15,0.15
llm-prices,qwen,qwen3.6-plus,0.5,3
llm-prices,moonshot-ai,kimi-k2-0905-preview,0.6,2.5
llm-prices,minimax,minimax-m2,0.3,1.2
llm-prices,amazon,amazon-nova-lite,0.06,0.24
llm-prices,xai,grok-4.3,1.25,2.5
litellm,openai,ft:gpt-4o-mini,0.3,1.2
litellm,openai,ft:gpt-4o,3.75,15
litellm,openai,ft:gpt-4.1,3,12
litellm,openai,ft:gpt-4.1-mini,0.8,3.2
litellm,openai,ft:gpt-4.1-nano,0.2,0.8
openpipe,openai,ft:gpt-3.5-turbo-0125,3,6
openpipe,openpipe,fine-tuned 7B,1.2,1.6
`;
