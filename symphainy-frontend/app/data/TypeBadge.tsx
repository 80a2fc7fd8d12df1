import "./data.css";
import { typeSign, typeWord } from "./cells";
import type { ColumnType } from "./tables";

export function TypeBadge({ type, words = false }: { readonly type: ColumnType; readonly words?: boolean }) {
  if (words) return <span className={`type-badge type-${type}`}>{typeWord(type)}</span>;
  return (
    <span className={`type-badge type-${type}`} title={typeWord(type)}>
      <span aria-hidden="true">{typeSign(type)}</span>
      <span className="visually-hidden">, {typeWord(type)}</span>
    </span>
  );
}
