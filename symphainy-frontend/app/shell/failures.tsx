import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
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

/** Does it, and if the server refuses says so with a button to try again. */
export type Attempt = (what: string, command: () => Promise<unknown>) => void;

const AttemptContext = createContext<Attempt | null>(null);

export function useAttempt(): Attempt {
  const attempt = use(AttemptContext);
  if (attempt === null) throw new Error("useAttempt is used outside of Failures");
  return attempt;
}

let numbers = 0;

/** What was asked for and refused, until it is dismissed or tried again. */
export function Failures({ children }: { readonly children: ReactNode }) {
  const [failed, setFailed] = useState<readonly Failed[]>([]);
  const dismiss = useCallback(
    (number: number) => setFailed((list) => list.filter((item) => item.number !== number)),
    [],
  );
  const attempt = useCallback<Attempt>((what, command) => {
    const run = () => {
      command().catch((reason: unknown) => {
        const problem = reason instanceof ProblemError ? reason : ProblemError.unreachable(reason);
        numbers += 1;
        setFailed((list) => [...list.slice(-2), { number: numbers, what, problem, again: run }]);
      });
    };
    run();
  }, []);
  const list = useMemo(
    () => failed.map((item) => <Failure key={item.number} failed={item} onDismiss={() => dismiss(item.number)} />),
    [failed, dismiss],
  );
  return (
    <AttemptContext value={attempt}>
      {children}
      <div className="failures" role="alert">
        {list}
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
