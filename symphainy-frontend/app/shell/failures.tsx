import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { newCommandId } from "../../shared/sync/environment";
import { ProblemError } from "../../shared/sync/problem";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { RequestId } from "../ui/Notice";

interface Failed {
  readonly number: number;
  readonly what: string;
  readonly problem: ProblemError;
  readonly again: () => void;
}

interface Late {
  readonly number: number;
  readonly what: string;
}

/**
 * Does it. While the answer is late it says what is waited for; if the server refuses it says so, with a button to try again.
 * `commandId` is the same at every try: what the server has done already is not done twice.
 */
export type Attempt = (what: string, command: (commandId: string) => Promise<unknown>) => void;

const AttemptContext = createContext<Attempt | null>(null);

export function useAttempt(): Attempt {
  const attempt = use(AttemptContext);
  if (attempt === null) throw new Error("useAttempt is used outside of Failures");
  return attempt;
}

/** An answer that takes longer than this is late. */
const LATE_MS = 1_500;
let numbers = 0;

/** What was asked for: as long as its answer is late, and after it was refused until it is dismissed or tried again. */
export function Failures({ children }: { readonly children: ReactNode }) {
  const [failed, setFailed] = useState<readonly Failed[]>([]);
  const [late, setLate] = useState<readonly Late[]>([]);
  const attempt = useCallback<Attempt>((what, command) => {
    const commandId = newCommandId();
    const run = () => {
      numbers += 1;
      const number = numbers;
      const timer = setTimeout(() => setLate((list) => [...list, { number, what }]), LATE_MS);
      command(commandId)
        .catch((reason: unknown) => {
          const problem = reason instanceof ProblemError ? reason : ProblemError.unreachable(reason);
          setFailed((list) => [...list.slice(-2), { number, what, problem, again: run }]);
        })
        .finally(() => {
          clearTimeout(timer);
          setLate((list) => list.filter((item) => item.number !== number));
        });
    };
    run();
  }, []);
  const list = useMemo(() => {
    const dismiss = (number: number) => setFailed((items) => items.filter((item) => item.number !== number));
    return failed.map((item) => <Failure key={item.number} failed={item} onDismiss={() => dismiss(item.number)} />);
  }, [failed]);
  return (
    <AttemptContext value={attempt}>
      {children}
      <div className="failures">
        <div role="status">
          {late.map(({ number, what }) => (
            <p key={number} className="failure failure-late" data-testid="late">
              <span className="connection-dot" />
              {what}: the server has not answered yet. This goes on by itself.
            </p>
          ))}
        </div>
        <div role="alert">{list}</div>
      </div>
    </AttemptContext>
  );
}

function Failure({ failed, onDismiss }: { readonly failed: Failed; readonly onDismiss: () => void }) {
  const { what, problem, again } = failed;
  return (
    <div className="failure" data-testid="failure">
      <Icon name="notice" />
      <div className="failure-text">
        <p className="notice-title">{what} did not work</p>
        <p className="quiet">{problem.detail}</p>
        <div className="notice-actions">
          <Button
            small
            icon="retry"
            onClick={() => {
              onDismiss();
              again();
            }}
          >
            Try again
          </Button>
          {problem.requestId && <RequestId id={problem.requestId} />}
        </div>
      </div>
      <IconButton icon="close" label="Dismiss" onClick={onDismiss} />
    </div>
  );
}
