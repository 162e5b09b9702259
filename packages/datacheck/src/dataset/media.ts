/** @file Images, audio, videos and files in messages and rows, in the forms of several vendors. */
import { type Fields, fieldOf, isFields } from "./record.ts";
import type { RowIssue } from "./row-issue.ts";

/** Media by the `type` of a part, by the name of its field, or by its MIME type. */
const media: readonly (readonly [RegExp, string])[] = [
  [/image|picture|photo/i, "an image"],
  [/audio|speech/i, "audio"],
  [/video/i, "a video"],
  [/^(?:input_)?file(?:_?(?:data|url|id))?$|^document(?:_url)?$|^container_upload$/i, "a file"],
  [/^(?:application|text)\//i, "a file"],
];

/**
 * The medium of a message part that is not text, or `null`.
 *
 * @source content parts of the APIs of OpenAI (`image_url`, `input_audio`, `file`; `input_image`, `input_file`),
 *   Anthropic (`image`, `document`, `container_upload`), Google (`inlineData`, `fileData` with `mimeType`), Amazon
 *   Bedrock (`image`, `video`, `document` as keys), Mistral (`image_url`, `document_url`, `input_audio`), the AI SDK
 *   (`image`, `file` with `mediaType`), and of `transformers` and vLLM (`image`, `video`, `audio`, `audio_url`)
 */
export function mediumOf(part: Fields): string | null {
  const type = fieldOf(part, "type");
  const inner = ["inlineData", "inline_data", "fileData", "file_data"].map((name) => fieldOf(part, name));
  const mimeTypes = [part, ...inner]
    .filter(isFields)
    .flatMap((data) => mimeNames.map((name) => fieldOf(data, name)));
  const names = type === "text" ? [] : [...mimeTypes, type ?? Object.keys(part)[0]];
  const found = names.filter((name) => typeof name === "string");
  for (const name of found) {
    const medium = media.find(([pattern]) => pattern.test(name))?.[1];
    if (medium !== undefined) return medium;
  }
  return null;
}

const mimeNames = ["mimeType", "mime_type", "mediaType", "media_type"];

/** Fields of images, audio, videos and files beside a conversation, as in LLaVA, LLaMA-Factory and Ollama. */
const mediaFields = ["image", "images", "audio", "audios", "video", "videos", "files"];

/**
 * The issue `DATA_MEDIA` of a medium beside the text of a row or message, or `null`.
 *
 * @param isAny whether any value counts; otherwise only content or a path, as in data sets of Hugging Face: a table may
 *   have a column of this name that has nothing to do with the question
 */
export function mediumBeside(fields: Fields, isAny: boolean): RowIssue | null {
  const name = mediaFields.find((field) => {
    const value = fieldOf(fields, field);
    return isAny ? !isEmpty(value) : (Array.isArray(value) ? value : [value]).some(isContent);
  });
  return name === undefined ? null : { code: "DATA_MEDIA", reason: `${name} belongs to the conversation` };
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

function isContent(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  if (typeof value === "string") return /^data:[\w-]{1,40}\/[\w.+-]{1,80};base64,/.test(value);
  return isFields(value) && ["bytes", "path", "array"].some((key) => !isEmpty(fieldOf(value, key)));
}
