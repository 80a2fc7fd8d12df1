import "./tabs.css";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: string;
  readonly mark?: ReactNode;
  readonly unread?: boolean;
}

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly id: string;
  readonly tabs: readonly Tab<Name>[];
  readonly selected: Name;
  readonly onSelect: (name: Name) => void;
}

export const tabId = (id: string, name: string) => `${id}-tab-${name}`;
export const panelId = (id: string) => `${id}-panel`;

/** A tab list with roving focus: arrows, Home and End move and select. The panel is the caller's, with `panelId(id)`. */
export function Tabs<Name extends string>({ label, id, tabs, selected, onSelect }: TabsProps<Name>) {
  const list = useRef<HTMLDivElement>(null);
  // On a narrow screen the list scrolls: the tab in use is never cut off.
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(id, selected))}`);
    if (!list.current || !tab) return;
    const [shown, wanted] = [list.current.getBoundingClientRect(), tab.getBoundingClientRect()];
    list.current.scrollLeft += Math.min(0, wanted.left - shown.left) + Math.max(0, wanted.right - shown.right);
  }, [id, selected]);
  const move = (event: KeyboardEvent) => {
    const position = tabs.findIndex((tab) => tab.name === selected);
    const next = { ArrowRight: position + 1, ArrowLeft: position - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const target = tabs[(next + tabs.length) % tabs.length];
    if (!target) return;
    onSelect(target.name);
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(id, target.name))}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          id={tabId(id, tab.name)}
          className="tab"
          aria-selected={tab.name === selected}
          aria-controls={tab.name === selected ? panelId(id) : undefined}
          tabIndex={tab.name === selected ? 0 : -1}
          onClick={() => onSelect(tab.name)}
        >
          {tab.label}
          {tab.mark !== undefined && <span className="tab-mark numeric">{tab.mark}</span>}
          {tab.unread && (
            <span className="unread-dot">
              <span className="visually-hidden">, new messages</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
