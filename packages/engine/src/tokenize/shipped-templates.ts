/**
 * @file Chat templates of this package, for models whose own cannot write what the rows hold.
 *
 * `tools` is ChatML, with definitions of tools and calls in the syntax that Hermes models use. A turn ends with the
 * model's own end token, so that a model learns to stop where every program stops it.
 *
 * @source github.com/NousResearch/Hermes-Function-Calling, "Prompt Format for Function Calling" (`<tools>`,
 *   `<tool_call>`, `<tool_response>`); the text is our own
 */

/** Name of a template of this package. */
export type ShippedTemplateName = "tools";

const tools = `{%- set end = eos_token if eos_token else '<|im_end|>' -%}
{%- set has_system = messages and messages[0].role == 'system' -%}
{%- if has_system or tools -%}
{{- '<|im_start|>system\\n' -}}
{%- if has_system -%}{{- messages[0].content -}}{%- endif -%}
{%- if has_system and tools -%}{{- '\\n\\n' -}}{%- endif -%}
{%- if tools -%}
{{- 'You can call these tools:\\n<tools>\\n' -}}
{%- for tool in tools -%}{{- tool | tojson -}}{{- '\\n' -}}{%- endfor -%}
{{- '</tools>\\nTo call a tool, write:\\n<tool_call>\\n' -}}
{{- '{"name": NAME, "arguments": ARGUMENTS}\\n</tool_call>' -}}
{%- endif -%}
{{- end ~ '\\n' -}}
{%- endif -%}
{%- for message in messages -%}
{%- if not (loop.first and has_system) -%}
{{- '<|im_start|>' ~ message.role ~ '\\n' -}}
{%- if message.role == 'tool' -%}
{{- '<tool_response>\\n' ~ message.content ~ '\\n</tool_response>' -}}
{%- else -%}
{%- if message.content -%}{{- message.content -}}{%- endif -%}
{%- for call in message.tool_calls or [] -%}
{%- if message.content or not loop.first -%}{{- '\\n' -}}{%- endif -%}
{{- '<tool_call>\\n{"name": ' ~ (call.function.name | tojson) ~ ', "arguments": ' -}}
{%- if call.function.arguments is string -%}{{- call.function.arguments -}}
{%- else -%}{{- call.function.arguments | tojson -}}{%- endif -%}
{{- '}\\n</tool_call>' -}}
{%- endfor -%}
{%- endif -%}
{{- end ~ '\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
`;

/** Templates by name. */
export const shippedTemplates: Readonly<Record<ShippedTemplateName, string>> = { tools };
