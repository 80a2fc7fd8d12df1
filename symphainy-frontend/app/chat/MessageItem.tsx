import { memo } from "react";
import type { Run, SessionFile, Workflow } from "../../shared/sync/types";
import type { ViewMessage } from "../../shared/sync/view";
import { clockTime, fullTime } from "../format/times";
import { Markdown, PlainText } from "../ui/Markdown";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { ActionButtons } from "./ActionButtons";
import { Attachments, Evidence } from "./Evidence";
import { DeliveryLine, RunEnd } from "./MessageStates";
import type { ChatCommands } from "./useChatCommands";

export interface MessageItemProps {
  readonly message: ViewMessage;
  readonly speaker: string;
  readonly workflow: Workflow | undefined;
  readonly run: Run | undefined;
  readonly retriable: boolean;
  readonly newest: boolean;
  readonly files: Readonly<Record<string, SessionFile>>;
  readonly workflows: Readonly<Record<string, Workflow>>;
  readonly commands: ChatCommands;
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, speaker } = props;
  const own = message.role === "user";
  return (
    <article
      className={`message message-${message.role} message-${message.status} ${message.delivery ? `message-${message.delivery}` : ""}`}
      aria-label={own ? "You" : speaker}
      data-testid={`message-${message.role}`}
      data-message-id={message.message_id}
      data-status={message.delivery ?? message.status}
    >
      {own ? <OwnText message={message} /> : <AnswerText message={message} workflow={props.workflow} />}
      {message.files.length > 0 && <Attachments fileIds={message.files} files={props.files} />}
      <MessageFoot {...props} />
      <time className="message-time" dateTime={message.timestamp} title={fullTime(message.timestamp)}>
        {clockTime(message.timestamp)}
      </time>
    </article>
  );
});

function OwnText({ message }: { readonly message: ViewMessage }) {
  return (
    <div className="bubble">
      <PlainText text={message.content} />
    </div>
  );
}

function AnswerText({ message, workflow }: Pick<MessageItemProps, "message" | "workflow">) {
  if (message.status === "streaming") {
    return (
      <div className="answer answer-streaming">
        <PlainText text={message.content} />
      </div>
    );
  }
  return (
    <div className="answer">
      <Markdown
        text={asksInWords(message, workflow) ? `${workflow?.title} waits for your answers.` : message.content}
      />
    </div>
  );
}

/** The questions in words are for whoever does not see their form, which stands under this message. */
function asksInWords({ content }: ViewMessage, workflow: Workflow | undefined): boolean {
  const asked = workflow?.asked;
  return asked !== null && asked !== undefined && content.startsWith(`**${asked.title}**`);
}

function MessageFoot({ message, workflow, run, retriable, newest, files, workflows, commands }: MessageItemProps) {
  return (
    <>
      {message.delivery && <DeliveryLine message={message} commands={commands} />}
      {workflow && <WorkflowCard workflow={workflow} compact inChat onCancel={commands.cancelWorkflow} />}
      <Evidence evidence={message.evidence} files={files} except={workflow?.input.file_id} />
      {message.status === "completed" && (
        <ActionButtons
          actions={message.actions}
          workflows={workflows}
          shown={workflow?.workflow_id}
          newest={newest}
          onAction={commands.act}
        />
      )}
      {run && <RunEnd message={message} run={run} onRetry={retriable ? commands.retryRun : null} />}
    </>
  );
}
