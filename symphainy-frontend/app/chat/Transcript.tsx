import { type ReactNode, useCallback } from "react";
import type { Run, SessionFile, Workflow } from "../../shared/sync/types";
import type { ViewConversation } from "../../shared/sync/view";
import { dayName } from "../format/times";
import { useMinutes } from "../format/useNow";
import { Button } from "../ui/Button";
import { MessageItem } from "./MessageItem";
import { linesOf } from "./transcript";
import type { ChatCommands } from "./useChatCommands";
import { useTranscriptScroll } from "./useTranscriptScroll";

interface TranscriptProps {
  readonly conversation: ViewConversation;
  readonly speaker: string;
  readonly runs: Readonly<Record<string, Run>>;
  readonly workflows: Readonly<Record<string, Workflow>>;
  readonly files: Readonly<Record<string, SessionFile>>;
  readonly commands: ChatCommands;
  readonly thinking: boolean;
  /** Shown while there is nothing to show. */
  readonly children: ReactNode;
}

export function Transcript(props: TranscriptProps) {
  const { conversation, speaker, commands, thinking, children } = props;
  const { messages, has_more, loading_older } = conversation;
  const { loadOlder } = commands;
  const onNearStart = useCallback(() => {
    if (has_more && !loading_older) loadOlder();
  }, [has_more, loading_older, loadOlder]);
  const sending = messages.findLast((message) => message.delivery !== undefined);
  const scroll = useTranscriptScroll(messages[0]?.message_id, sending?.message_id, onNearStart);
  return (
    <div className="transcript">
      <div
        className="transcript-scroll"
        ref={scroll.scroller}
        onScroll={scroll.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={`Conversation with ${speaker}`}
        data-testid="transcript"
      >
        <div className="transcript-content" ref={scroll.content}>
          {has_more && (
            <Button small look="ghost" className="transcript-older" disabled={loading_older} onClick={loadOlder}>
              {loading_older ? "Loading older messages" : "Load older messages"}
            </Button>
          )}
          {messages.length === 0 ? children : <Lines {...props} />}
          {thinking && <Thinking />}
        </div>
      </div>
      {!scroll.atEnd && (
        <Button small icon="down" className="jump" onClick={scroll.jumpToEnd}>
          Jump to latest
        </Button>
      )}
    </div>
  );
}

function Lines({ conversation, speaker, runs, workflows, files, commands }: TranscriptProps) {
  const now = useMinutes();
  return (
    <ol className="lines">
      {linesOf(conversation.messages, runs).map(({ message, opensDay, workflowId, run, retriable, newest }) => (
        <li key={message.message_id} className="line">
          {opensDay && (
            <p className="day">
              <span>{dayName(message.timestamp, now)}</span>
            </p>
          )}
          <MessageItem
            message={message}
            speaker={speaker}
            workflow={workflowId === null ? undefined : workflows[workflowId]}
            run={run}
            retriable={retriable}
            newest={newest}
            files={files}
            workflows={workflows}
            commands={commands}
          />
        </li>
      ))}
    </ol>
  );
}

function Thinking() {
  return (
    <p className="thinking" aria-hidden="true">
      <span />
      <span />
      <span />
    </p>
  );
}
