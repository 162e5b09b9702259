/** @file Editable settings of a plan. Those that differ from the recipe are in the address. */
import type { Recipe } from "../../components/recipe-choice.tsx";
import { changeFields, location } from "../../location.ts";

/** Numeric settings: key in the address, label and limits. */
const numbers = [
  { key: "max_length", label: "Max length", unit: "tokens", least: 8, most: 1_048_576, isWhole: true },
  { key: "batch_size", label: "Batch size", unit: "rows", least: 1, most: 4_096, isWhole: true },
  { key: "epochs", label: "Epochs", unit: "", least: 0.01, most: 10_000, isWhole: false },
  { key: "steps", label: "Steps", unit: "", least: 1, most: 100_000_000, isWhole: true },
] as const;

const methods = [
  ["lora", "LoRA"],
  ["qlora", "QLoRA"],
  ["full", "full fine-tuning"],
] as const;

/** The valid settings in the address, in the form that a plan takes. */
export function fieldsOf(fields: URLSearchParams): Readonly<Record<string, string | number>> {
  const words = ["method", "model"].flatMap((key) => {
    const value = fields.get(key);
    return value ? [[key, value] as const] : [];
  });
  const counts = numbers.flatMap(({ key, least, most, isWhole }) => {
    const value = Number(fields.get(key) ?? Number.NaN);
    return value >= least && value <= most && (!isWhole || Number.isInteger(value))
      ? [[key, value] as const]
      : [];
  });
  return Object.fromEntries([...words, ...counts]);
}

/** Input fields for the settings, initially with the recipe's values. */
export function Settings({
  recipe: { settings },
  models,
}: {
  readonly recipe: Recipe;
  readonly models: readonly string[];
}) {
  const { fields } = location.value;
  if (settings === null) return null;
  const change = (key: string, value: string): void => {
    const isOwn = value === String(settings[key as keyof typeof settings] ?? "");
    // Epochs and steps exclude each other.
    const other = { epochs: "steps", steps: "epochs" }[key];
    changeFields({ [key]: isOwn ? "" : value, ...(other ? { [other]: "" } : {}) });
  };
  const isChanged = Object.keys(fieldsOf(fields)).length > 0;
  return (
    <form class="knobs" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Method"
        value={fields.get("method") ?? settings.method}
        options={methods}
        onChoose={(method) => change("method", method)}
      />
      <Choice
        label="Model"
        value={fields.get("model") ?? settings.model}
        options={[...new Set([settings.model, ...models])].map((model) => [model, model])}
        onChoose={(model) => change("model", model)}
      />
      {numbers.map(({ key, label, unit, least, most, isWhole }) => (
        <label key={key}>
          <span>
            {label}
            {unit && <span class="quiet"> {unit}</span>}
          </span>
          <input
            type="number"
            min={least}
            max={most}
            step={isWhole ? 1 : "any"}
            placeholder={settings[key] === null ? "by the recipe" : ""}
            value={fields.get(key) ?? settings[key] ?? ""}
            onChange={(event) => {
              if (event.currentTarget.reportValidity()) change(key, event.currentTarget.value);
            }}
          />
        </label>
      ))}
      {isChanged && (
        <button
          type="button"
          onClick={() =>
            changeFields(
              Object.fromEntries(
                ["method", "model", ...numbers.map(({ key }) => key)].map((key) => [key, ""]),
              ),
            )
          }
        >
          As the recipe says
        </button>
      )}
    </form>
  );
}

function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string) => void;
}) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
