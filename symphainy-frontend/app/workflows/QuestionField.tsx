import { useId } from "react";
import type { Question } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import { fieldText } from "./answers";

interface QuestionFieldProps {
  readonly question: Question;
  readonly text: string;
  readonly fault: string | undefined;
  readonly onText: (text: string) => void;
}

/** More options than this are a list to open. */
const MOST_RADIOS = 5;

export function QuestionField(props: QuestionFieldProps) {
  const { question, fault } = props;
  const id = useId();
  const options = optionsOf(question);
  const radios = options.length > 0 && options.length <= MOST_RADIOS;
  const described = [question.help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const field = { ...props, id, described };
  return (
    <div className="ask" data-testid="question">
      {radios ? (
        <Radios {...field} options={options} />
      ) : (
        <label className="ask-label" htmlFor={id}>
          <Label question={question} />
        </label>
      )}
      <div className="ask-body">
        {!radios && (
          <div className="ask-input">
            {options.length > 0 ? <Options {...field} options={options} /> : <Field {...field} />}
            {question.unit && (
              <span className="ask-unit" aria-hidden="true">
                {question.unit}
              </span>
            )}
          </div>
        )}
        {question.help && (
          <p id={`${id}-help`} className="ask-help quiet">
            {question.help}
          </p>
        )}
        {fault && (
          <p id={`${id}-fault`} className="ask-fault">
            {fault}
          </p>
        )}
        <Suggestion {...props} />
      </div>
    </div>
  );
}

function Label({ question }: { readonly question: Question }) {
  return (
    <>
      {question.label}
      {question.unit && " "}
      {question.unit && (
        <span className="visually-hidden">{/^in /.test(question.unit) ? question.unit : `in ${question.unit}`}</span>
      )}
      {!question.required && " "}
      {!question.required && <span className="quiet">(optional)</span>}
    </>
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}

function optionsOf({ kind, options }: Question): readonly Option[] {
  if (kind === "boolean") return YES_OR_NO;
  return kind === "choice" ? options.map((value) => ({ value, label: value })) : [];
}

const YES_OR_NO: readonly Option[] = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];

interface FieldProps extends QuestionFieldProps {
  readonly id: string;
  readonly described: string | undefined;
}

function Field({ question, text, fault, onText, id, described }: FieldProps) {
  const common = {
    id,
    value: text,
    "data-question": question.name,
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": described,
    required: question.required,
  } as const;
  if (question.kind === "text") {
    return <textarea {...common} rows={2} onChange={(event) => onText(event.target.value)} />;
  }
  const kind =
    question.kind === "date" ? ({ type: "date" } as const) : ({ type: "text", inputMode: "decimal" } as const);
  return <input {...common} {...kind} autoComplete="off" onChange={(event) => onText(event.target.value)} />;
}

function Options({
  question,
  text,
  fault,
  onText,
  id,
  described,
  options,
}: FieldProps & { readonly options: readonly Option[] }) {
  return (
    <select
      id={id}
      value={text}
      data-question={question.name}
      aria-invalid={fault ? true : undefined}
      aria-describedby={described}
      required={question.required}
      onChange={(event) => onText(event.target.value)}
    >
      <option value="">Choose one</option>
      {options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Radios({
  question,
  text,
  fault,
  onText,
  id,
  described,
  options,
}: FieldProps & { readonly options: readonly Option[] }) {
  return (
    <fieldset className="ask-radios" aria-describedby={described}>
      <legend className="ask-label">
        <Label question={question} />
      </legend>
      {options.map(({ value, label }, place) => (
        <label key={value} className="ask-radio">
          <input
            type="radio"
            name={id}
            value={value}
            checked={text === value}
            {...(place === 0 ? { "data-question": question.name } : {})}
            aria-invalid={fault ? true : undefined}
            onChange={() => onText(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** A value from the session's own data: offered with its source, which stays when it was taken, and taken only by a click. */
function Suggestion({ question, text, onText }: QuestionFieldProps) {
  const value = fieldText(question.suggestion);
  if (value === "") return null;
  const shown = { yes: "Yes", no: "No" }[value] ?? value;
  return (
    <p className="ask-suggestion quiet">
      {text !== value && (
        <Button small onClick={() => onText(value)}>
          Use {shown}
          {question.unit && ` ${question.unit}`}
        </Button>
      )}
      <span>from {question.source}</span>
    </p>
  );
}
