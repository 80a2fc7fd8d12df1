import { type FormEvent, useState } from "react";
import type { JsonValue } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import type { FileMetadata } from "./results";

export interface Rule {
  readonly column: string;
  readonly rule: string;
  readonly value: JsonValue;
}

const RULES = [
  ["required", "has a value in every row", null],
  ["unique", "is different in every row", null],
  ["minimum", "is at least", "10 or 2026-01-31"],
  ["maximum", "is at most", "100 or 2026-12-31"],
  ["one_of", "is one of", "North, South"],
  ["matches", "has the form (regular expression)", "[A-Z]{2}\\d{4}"],
] as const;

export const ruleText = ({ column, rule, value }: Rule): string => {
  const words = RULES.find(([name]) => name === rule)?.[1] ?? rule;
  return value === null
    ? `${column} ${words}`
    : `${column} ${words} ${Array.isArray(value) ? value.join(", ") : value}`;
};

function ruleValue(rule: string, text: string): JsonValue {
  if (rule === "one_of") {
    const values = text.split(",").map((item) => item.trim());
    return values.filter((item) => item !== "");
  }
  if (rule === "matches") return text;
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text.trim();
}

interface RuleBuilderProps {
  readonly tables: FileMetadata["tables"];
  readonly onAdd: (rule: Rule) => void;
}

/** One rule in words: a column, what is to hold, and a value where it needs one. */
export function RuleBuilder({ tables, onAdd }: RuleBuilderProps) {
  const columns = [...new Set(tables.flatMap((table) => table.columns.map((column) => column.name)))];
  const [column, setColumn] = useState(columns[0] ?? "");
  const [rule, setRule] = useState<string>("required");
  const [text, setText] = useState("");
  const hint = RULES.find(([name]) => name === rule)?.[2] ?? null;
  if (columns.length === 0) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (hint !== null && text.trim() === "") return;
    onAdd({ column, rule, value: hint === null ? null : ruleValue(rule, text) });
    setText("");
  };
  return (
    <form className="rule-form" onSubmit={submit} aria-label="A rule of your own">
      <select aria-label="Column" value={column} onChange={(event) => setColumn(event.target.value)}>
        {columns.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select aria-label="Rule" value={rule} onChange={(event) => setRule(event.target.value)}>
        {RULES.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      {hint !== null && (
        <input
          aria-label="Value"
          value={text}
          placeholder={hint}
          required
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <Button type="submit" icon="plus">
        Add rule
      </Button>
    </form>
  );
}
