/** @file Data files in further formats, added after the format detection was finished and so not used to develop it. */
import { parquetWriteBuffer } from "hyparquet-writer";
import { type DataFile, label, lines, rows, sentence, table } from "./data-files.ts";

const verdicts = ["entailment", "neutral", "contradiction"];
const mood = (at: number): string => ["negative", "neutral", "positive"][(at * 5) % 3] as string;

/** Files first read by the finished format detection. */
export const moreFiles: readonly DataFile[] = [
  {
    name: "pairs.json",
    habit: "JSON lines in a file that ends in .json, input and output",
    content: lines(
      rows(40, (at) => ({ input: sentence(at), output: `Summary ${at}: ${sentence(at).slice(4, 30)}` })),
    ),
    expected: { prompt: "input", completion: "output", task: "text" },
  },
  {
    name: "mails.txt",
    habit: "Unicode text of a spreadsheet: UTF-16 BE, tabs, .txt, Subject, Body, Queue",
    content: (() => {
      const text = table(
        [
          ["Ticket ID", "Subject", "Body", "Queue"],
          ...rows(60, (at) => [`T-${at}`, `Order ${at} again`, sentence(at), label(at)]),
        ],
        "\t",
        "\r\n",
      );
      return new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le").swap16());
    })(),
    expected: { prompt: "Body", completion: "Queue", contexts: ["Subject"], task: "classify" },
  },
  {
    name: "befragung.csv",
    habit: "Latin-1, pipes",
    content: new Uint8Array(
      Buffer.from(
        table(
          [
            ["nr", "satz", "klasse"],
            ...rows(60, (at) => [String(at), `Schöne Grüße: ${sentence(at)}`, label(at)]),
          ],
          "|",
        ),
        "latin1",
      ),
    ),
    expected: { prompt: "satz", completion: "klasse", task: "classify" },
  },
  {
    name: "snli.jsonl",
    habit: "NLI: two sentences and a gold label beside the annotators' labels",
    content: lines(
      rows(60, (at) => ({
        annotator_labels: [verdicts[(at * 2) % 3]],
        captionID: `c${at}`,
        gold_label: verdicts[(at * 2) % 3],
        pairID: `p${at}`,
        sentence1: sentence(at),
        sentence2: `Somebody ordered something in week ${at}.`,
      })),
    ),
    expected: { prompt: "sentence1", completion: "gold_label", contexts: ["sentence2"], task: "classify" },
  },
  {
    name: "dolly.jsonl",
    habit: "Dolly: instruction, a context that is mostly empty, response, category",
    content: lines(
      rows(60, (at) => ({
        instruction: `Tell me about order ${at}: ${sentence(at)}`,
        context: at % 3 === 0 ? sentence(at + 7) : "",
        response: `It went like this, in short: ${sentence(at + 3)} That is all for order ${at}.`,
        category: label(at),
      })),
    ),
    expected: { prompt: "instruction", completion: "response", contexts: ["context"], task: "text" },
  },
  {
    name: "news.parquet",
    habit: "Parquet: article, highlights, id",
    content: new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          {
            name: "article",
            data: rows(40, (at) => rows(12, (more) => sentence(at * 12 + more)).join(" ")),
            type: "STRING",
          },
          {
            name: "highlights",
            data: rows(40, (at) => `${sentence(at * 12)}\n${sentence(at * 12 + 5)}`),
            type: "STRING",
          },
          { name: "id", data: rows(40, (at) => `${(at * 7919).toString(16)}f00d`), type: "STRING" },
        ],
      }),
    ),
    expected: { prompt: "article", completion: "highlights", task: "text" },
  },
  {
    name: "sql_create_context.json",
    habit: "text to SQL: answer, question, context with the tables",
    content: JSON.stringify(
      rows(40, (at) => ({
        answer: `SELECT name FROM table_${at} WHERE price > ${at}`,
        question: `Which things of list ${at} cost more than ${at}?`,
        context: `CREATE TABLE table_${at} (name VARCHAR, price INTEGER)`,
      })),
    ),
    expected: { prompt: "question", completion: "answer", contexts: ["context"], task: "text" },
  },
  {
    name: "Tweets.csv",
    habit: "airline tweets: fifteen columns, of which one is the sentiment",
    content: table([
      [
        "tweet_id",
        "airline_sentiment",
        "airline_sentiment_confidence",
        "negativereason",
        "negativereason_confidence",
        "airline",
        "airline_sentiment_gold",
        "name",
        "negativereason_gold",
        "retweet_count",
        "text",
        "tweet_coord",
        "tweet_created",
        "tweet_location",
        "user_timezone",
      ],
      ...rows(80, (at) => [
        String(57 * 10 ** 10 + at * 977),
        mood(at),
        String(0.6 + (at % 5) / 10),
        mood(at) === "negative" ? "Late Flight" : "",
        "",
        ["United", "Delta", "Virgin America"][at % 3] as string,
        "",
        `user${at}`,
        "",
        "0",
        `@airline ${sentence(at)}`,
        "",
        `2015-02-24 11:${10 + (at % 50)}:00 -0800`,
        at % 2 ? "New York" : "",
        "Eastern Time (US & Canada)",
      ]),
    ]),
    expected: { prompt: "text", completion: "airline_sentiment", task: "classify" },
  },
  {
    name: "Appliances.jsonl",
    habit: "Amazon reviews of 2023: rating, title, text, many others",
    content: lines(
      rows(80, (at) => ({
        rating: 1 + ((at * 3) % 5),
        title: `My ${sentence(at).split(" ")[1]} number ${at}`,
        text: sentence(at),
        images: [],
        asin: `B0${(at * 7919).toString(36)}`,
        parent_asin: `B0${(at * 7919).toString(36)}`,
        user_id: `A${(at * 104729).toString(36)}`,
        timestamp: 1588687728923 + at * 86_400_000,
        helpful_vote: at % 4,
        verified_purchase: at % 6 !== 0,
      })),
    ),
    expected: { prompt: "text", completion: "rating", contexts: ["title"], task: "classify" },
  },
  {
    name: "prodigy.jsonl",
    habit: "Prodigy: text, hashes, options, the accepted ones",
    content: lines(
      rows(50, (at) => ({
        text: sentence(at),
        _input_hash: -((at * 7919) % 9973) * 31,
        _task_hash: at * 104729 * (at % 2 ? 1 : -1),
        options: ["delivery", "defect", "praise", "billing"].map((id) => ({ id, text: id })),
        _view_id: "choice",
        accept: [label(at)],
        answer: "accept",
        _timestamp: 1700000000 + at * 61,
      })),
    ),
    expected: { prompt: "text", completion: "accept.0", task: "classify" },
  },
];
