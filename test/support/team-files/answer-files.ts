/** @file Files with reasoning and with preferences, as teams have them. The rows are our own. */
import { gzipSync } from "node:zlib";
import { label, lines, rows, sentence, table } from "../data-files.ts";
import { parquetOf } from "./nested-parquet.ts";
import { spreadsheetOf } from "./spreadsheet.ts";
import { shopToolNames, shopTools, type TeamFile, visit } from "./team-file.ts";

const openaiTools = shopTools.map((tool) => ({ type: "function", function: tool }));
const worse = (at: number): string => `No idea, ask somebody else about ${visit(at).order}.`;

const reasoningFiles: readonly TeamFile[] = [
  {
    name: "reasoning-content.jsonl",
    kind: "reasoning",
    shape: "messages with `reasoning_content`, as DeepSeek's API and vLLM return them; answers in JSON",
    content: () =>
      lines(
        rows(40, (at) => ({
          messages: [
            { role: "user", content: visit(at).question },
            {
              role: "assistant",
              reasoning_content: visit(at).thought,
              content: JSON.stringify({ order: visit(at).order, kind: label(at) }),
            },
          ],
        })),
      ),
    expected: { reading: "chat", task: "json", turns: "user assistant+thought" },
  },
  {
    name: "think.json",
    kind: "reasoning",
    shape: "Alpaca with `<think>` blocks in front of labels",
    content: () =>
      JSON.stringify(
        rows(60, (at) => ({
          instruction: "Which kind of ticket is this?",
          input: sentence(at),
          output: `<think>\n${visit(at).thought}\n</think>\n\n${label(at)}`,
        })),
      ),
    expected: {
      reading: "instruction",
      task: "classify",
      turns: "user assistant+thought",
      markup: "<think>",
    },
  },
  {
    name: "openthoughts.jsonl",
    kind: "reasoning",
    shape: "OpenThoughts: ShareGPT with `<|begin_of_thought|>` and `<|begin_of_solution|>`",
    content: () =>
      lines(
        rows(40, (at) => ({
          system:
            "Think at length before the solution. Put the thought between <|begin_of_thought|> and <|end_of_thought|>.",
          conversations: [
            { from: "user", value: `Return your final response within \\boxed{}. ${visit(at).question}` },
            {
              from: "assistant",
              value: `<|begin_of_thought|>\n\n${visit(at).thought}\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n${visit(at).answer} \\boxed{${at}}\n\n<|end_of_solution|>`,
            },
          ],
        })),
      ),
    expected: {
      reading: "chat",
      task: "text",
      turns: "system user assistant+thought",
      markup: "of_solution|>",
    },
  },
  {
    name: "s1k.parquet",
    kind: "reasoning",
    shape: "s1K: question, solution, `thinking_trajectories` as a list, attempt, in Parquet",
    content: () =>
      parquetOf(
        rows(40, (at) => ({
          solution: `${at}`,
          question: visit(at).question,
          cot_type: at % 3 === 0 ? "math" : "science",
          source_type: `shop/${label(at)}`,
          metadata: `{'level': ${at}}`,
          thinking_trajectories: [visit(at).thought],
          attempt: `${visit(at).answer}\n\nSo the answer is ${at}.`,
        })),
      ),
    expected: {
      reading: "pair",
      columns: { prompt: "question", completion: "attempt", reasoning: "thinking_trajectories.0" },
      task: "text",
      turns: "user assistant+thought",
    },
  },
  {
    name: "gsm8k.jsonl",
    kind: "reasoning",
    shape: "GSM8K: question, and an answer that ends with `#### number`",
    content: () =>
      lines(
        rows(40, (at) => ({
          question: `${sentence(at)} How many days does it take?`,
          answer: `It leaves on day ${at} and needs <<${at}+3=${at + 3}>>${at + 3} days.\n#### ${at + 3}`,
        })),
      ),
    expected: {
      reading: "pair",
      columns: { prompt: "question", completion: "answer" },
      task: "text",
      turns: "user assistant",
    },
  },
  {
    name: "medical-cot.xlsx",
    kind: "reasoning",
    shape: "Question, Complex_CoT, Response, in a spreadsheet",
    content: () =>
      spreadsheetOf([
        ["Question", "Complex_CoT", "Response"],
        ...rows(40, (at) => [visit(at).question, `${visit(at).thought} Hmm, wait. Yes.`, visit(at).answer]),
      ]),
    expected: {
      reading: "pair",
      columns: { prompt: "Question", completion: "Response", reasoning: "Complex_CoT" },
      task: "text",
      turns: "user assistant+thought",
    },
  },
];

const preferenceFiles: readonly TeamFile[] = [
  {
    name: "openai-dpo.jsonl",
    kind: "preference",
    shape: "OpenAI's DPO: `input` with messages and tools, `preferred_output`, `non_preferred_output`",
    content: () =>
      lines(
        rows(40, (at) => ({
          input: {
            messages: [{ role: "user", content: visit(at).question }],
            tools: openaiTools,
            parallel_tool_calls: true,
          },
          preferred_output: [{ role: "assistant", content: visit(at).answer }],
          non_preferred_output: [{ role: "assistant", content: worse(at) }],
        })),
      ),
    expected: { reading: "preference", task: "text", turns: "user assistant", tools: shopToolNames },
  },
  {
    name: "ultrafeedback.parquet",
    kind: "preference",
    shape:
      "UltraFeedback, binarized: chosen and rejected as lists of messages, scores, `messages`, in Parquet",
    content: () =>
      parquetOf(
        rows(40, (at) => {
          const question = visit(at).question;
          const turns = (answer: string): object[] => [
            { content: question, role: "user" },
            { content: answer, role: "assistant" },
          ];
          const chosen = turns(visit(at).answer);
          return {
            prompt: question,
            prompt_id: `${(at * 7919).toString(16)}ab`,
            chosen,
            rejected: turns(worse(at)),
            messages: chosen,
            score_chosen: 7 + (at % 3),
            score_rejected: 1 + (at % 5),
          };
        }),
      ),
    expected: { reading: "preference", task: "text", turns: "user assistant" },
  },
  {
    name: "hh-rlhf.jsonl.gz",
    kind: "preference",
    shape: "HH-RLHF: two whole conversations as text with `Human:` and `Assistant:`, gzip",
    content: () =>
      gzipSync(
        lines(
          rows(40, (at) => {
            const start = `\n\nHuman: Hello, I am from ${visit(at).town}.\n\nAssistant: How can I help?\n\nHuman: ${visit(at).question}\n\nAssistant: `;
            return { chosen: start + visit(at).answer, rejected: start + worse(at) };
          }),
        ),
      ),
    expected: { reading: "preference", task: "text", turns: "user assistant user assistant" },
  },
  {
    name: "orca-dpo.jsonl",
    kind: "preference",
    shape: "Orca DPO pairs: system, question, chosen, rejected",
    content: () =>
      lines(
        rows(40, (at) => ({
          system: at % 4 === 3 ? "" : "You are an AI assistant. Answer as if to a five year old.",
          question: visit(at).question,
          chosen: visit(at).answer,
          rejected: worse(at),
        })),
      ),
    expected: { reading: "preference", task: "text", turns: "system user assistant" },
  },
  {
    name: "shp.jsonl",
    kind: "preference",
    shape: "SHP: history, two references by people, scores, and a label that names the better one",
    content: () =>
      lines(
        rows(40, (at) => {
          const isFirst = at % 2 === 0;
          return {
            post_id: `p${at}`,
            domain: "askshop_train",
            upvote_ratio: 0.9,
            history: visit(at).question,
            c_root_id_A: `a${at}`,
            c_root_id_B: `b${at}`,
            created_at_utc_A: 1_600_000_000 + at,
            created_at_utc_B: 1_600_000_500 + at,
            score_A: isFirst ? 20 + at : 3,
            score_B: isFirst ? 2 : 40 + at,
            human_ref_A: isFirst ? visit(at).answer : worse(at),
            human_ref_B: isFirst ? worse(at) : visit(at).answer,
            labels: isFirst ? 1 : 0,
            seconds_difference: 500,
            score_ratio: isFirst ? (20 + at) / 2 : (40 + at) / 3,
          };
        }),
      ),
    expected: { reading: "preference", task: "text", turns: "user assistant" },
  },
  {
    name: "kto.tsv",
    kind: "preference",
    shape: "KTO: prompt, completion, label, separated by tabs",
    content: () =>
      table(
        [
          ["prompt", "completion", "label"],
          ...rows(60, (at) => [
            visit(at).question,
            at % 3 === 2 ? worse(at) : visit(at).answer,
            at % 3 === 2 ? "False" : "True",
          ]),
        ],
        "\t",
      ),
    expected: { reading: "preference", task: "text", turns: "user assistant", unchosen: 20 },
  },
  {
    name: "arena.csv",
    kind: "preference",
    shape: "comparisons of two models with ties: prompt, response_a, response_b, winner",
    content: () =>
      table([
        ["id", "model_a", "model_b", "prompt", "response_a", "response_b", "winner"],
        ...rows(60, (at) => [
          `q${at}`,
          "small",
          "large",
          visit(at).question,
          at % 3 === 1 ? worse(at) : visit(at).answer,
          at % 3 === 1 ? visit(at).answer : worse(at),
          ["model_a", "model_b", "tie"][at % 3] as string,
        ]),
      ]),
    expected: { reading: "preference", task: "text", turns: "user assistant", unchosen: 20 },
  },
];

/** Files with reasoning and with preferences. */
export const answerFiles: readonly TeamFile[] = [...reasoningFiles, ...preferenceFiles];
