import "./chat.css";
import "./messages.css";
import { useCallback, useEffect, useRef } from "react";
import { useConversation } from "../../shared/hooks/useConversation";
import { useView } from "../../shared/session/context";
import type { AgentType } from "../../shared/sync/types";
import type { View } from "../../shared/sync/view";
import type { Area } from "../areas/catalogue";
import { useDropping } from "../content/Dropping";
import { useMeta } from "../meta";
import { connectionOf, filesOf, runsOf, sessionOf, workflowsOf } from "../parts";
import { panelId, Tabs, tabId } from "../ui/Tabs";
import { AnswerStatus } from "./AnswerStatus";
import { Composer } from "./Composer";
import { Transcript } from "./Transcript";
import { useChatCommands } from "./useChatCommands";
import { Welcome } from "./Welcome";

interface ChatPanelProps {
  readonly area: Area;
  readonly agent: AgentType;
  readonly onAgent: (agent: AgentType) => void;
  /** Whether the panel is on screen: only then are messages read. */
  readonly shown: boolean;
  /** Nothing else is on screen: it is the page's main part. */
  readonly alone: boolean;
}

/** The guide, and the liaison of the area in view. Both conversations go on whichever one is shown. */
export default function ChatPanel({ area, agent, onAgent, shown, alone }: ChatPanelProps) {
  const conversations = useView(conversationsOf);
  const tabs = [
    { name: "guide_agent" as AgentType, label: "Guide", unread: conversations.guide_agent.unread > 0 },
    { name: area.liaison, label: area.liaisonLabel, unread: conversations[area.liaison].unread > 0 },
  ];
  const Part = alone ? "main" : "section";
  return (
    <Part className="chat" aria-label="Chat" data-testid="chat">
      {alone && <h1 className="visually-hidden">{area.label}</h1>}
      <h2 className="visually-hidden">Chat</h2>
      <div className="chat-tabs">
        <Tabs id="chat" label="Conversations" tabs={tabs} selected={agent} onSelect={onAgent} />
      </div>
      <div className="chat-panel" id={panelId("chat")} role="tabpanel" aria-labelledby={tabId("chat", agent)}>
        <AgentConversation key={agent} agent={agent} onAgent={onAgent} shown={shown} speaker={speakerOf(agent, area)} />
      </div>
    </Part>
  );
}

const conversationsOf = (view: View) => view.conversations;

const speakerOf = (agent: AgentType, area: Area): string => (agent === "guide_agent" ? "Guide" : area.liaisonLabel);

interface AgentConversationProps extends Omit<ChatPanelProps, "area" | "alone"> {
  readonly speaker: string;
}

function AgentConversation({ agent, onAgent, shown, speaker }: AgentConversationProps) {
  const conversation = useView(useCallback((view: View) => view.conversations[agent], [agent]));
  const session = useView(sessionOf);
  const { state } = useView(connectionOf);
  useConversation(agent, { inView: shown });
  const commands = useChatCommands(agent, onAgent);
  const { choose } = useDropping();
  const input = useRef<HTMLTextAreaElement>(null);
  const ask = (text: string) => {
    commands.send(text);
    input.current?.focus();
  };
  const runId = conversation.run_id;
  const stop = () => runId !== null && commands.cancelRun(runId);
  useEscape(runId === null ? null : stop);
  return (
    <>
      <Transcript
        conversation={conversation}
        speaker={speaker}
        runs={useView(runsOf)}
        workflows={useView(workflowsOf)}
        files={useView(filesOf)}
        commands={commands}
        thinking={runId !== null && conversation.messages.at(-1)?.role === "user"}
      >
        {session !== null && <Welcome agent={agent} onAsk={ask} />}
      </Transcript>
      <div className="chat-foot">
        <AnswerStatus conversation={conversation} speaker={speaker} />
        <Composer
          draftKey={`${session?.session_id} ${agent}`}
          speaker={speaker}
          answering={runId !== null}
          disabled={session === null || state === "ended"}
          onSend={ask}
          onStop={stop}
          onAttach={choose}
          inputRef={input}
        />
        <FinePrint />
      </div>
    </>
  );
}

function FinePrint() {
  const meta = useMeta();
  if (meta === null || meta.model !== null) return null;
  const words = meta.routing === "lexicon" ? " Messages are understood by a list of words only." : "";
  return <p className="fine-print">Answers are computed from your session, no language model.{words}</p>;
}

/** Esc stops the answer from anywhere in the page, unless something nearer takes it: a dialog, a menu, a field. */
function useEscape(stop: (() => void) | null) {
  useEffect(() => {
    if (stop === null) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector("dialog[open]") || (event.target as Element).closest(".session-menu")) return;
      stop();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [stop]);
}
