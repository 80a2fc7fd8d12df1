/** The messages of each conversation that are older than the replica's: pages that the user loaded, and what the replica let go. */

import { AGENT_TYPES, type AgentType, type Message, type Session } from "./types";

export interface OlderMessages {
  readonly messages: readonly Message[];
  /** Whether the log holds older ones still; null: as the replica says. */
  readonly has_more: boolean | null;
  readonly loading: boolean;
}

const NONE: OlderMessages = { messages: [], has_more: null, loading: false };

export class History {
  #older: Readonly<Partial<Record<AgentType, OlderMessages>>> = {};

  of(agent: AgentType): OlderMessages {
    return this.#older[agent] ?? NONE;
  }

  /** Keeps what the replica no longer holds, as long as nothing is missing in between. */
  follow(before: Session | null, after: Session): void {
    for (const agent of AGENT_TYPES) {
      const held = before?.conversations[agent]?.messages ?? [];
      const next = after.conversations[agent]?.messages ?? [];
      if (held === next) continue;
      const first = next[0];
      const last = held.at(-1);
      const sameLog = before?.epoch === after.epoch && (before?.seq ?? 0) <= after.seq;
      if (first === undefined || last === undefined || last.seq < first.seq || !sameLog) {
        this.#set(agent, NONE);
        continue;
      }
      const evicted = held.filter((message) => message.seq < first.seq);
      if (evicted.length === 0) continue;
      const older = this.of(agent);
      const has_more = older.has_more ?? before?.conversations[agent]?.has_more ?? false;
      this.#set(agent, { ...older, messages: [...older.messages, ...evicted], has_more });
    }
  }

  /** The seq before which the next page ends; null if the conversation is whole, or a page is on its way. */
  before(agent: AgentType, session: Session): number | null {
    const older = this.of(agent);
    const conversation = session.conversations[agent];
    const first = older.messages[0] ?? conversation?.messages[0];
    if (older.loading || first === undefined || !(older.has_more ?? conversation?.has_more)) return null;
    return first.seq;
  }

  loading(agent: AgentType, loading: boolean): void {
    this.#set(agent, { ...this.of(agent), loading });
  }

  /** Takes a page that was asked for with `before`; one that no longer fits is dropped. */
  prepend(
    agent: AgentType,
    before: number,
    page: { messages: readonly Message[]; has_more: boolean },
    session: Session,
  ): void {
    const older = this.of(agent);
    const first = older.messages[0] ?? session.conversations[agent]?.messages[0];
    if (first?.seq !== before) return;
    const messages = [...page.messages.filter((message) => message.seq < before), ...older.messages];
    this.#set(agent, { messages, has_more: page.has_more, loading: false });
  }

  #set(agent: AgentType, older: OlderMessages): void {
    this.#older = { ...this.#older, [agent]: older };
  }
}
