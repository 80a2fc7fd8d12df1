import type { ReactNode } from "react";
import { Button } from "../ui/Button";
import { Notice, RequestId } from "../ui/Notice";
import { Skeleton } from "../ui/Skeleton";
import type { Reading } from "./reading";

interface LoadedProps<T> {
  readonly reading: Reading<T>;
  readonly what: string;
  readonly children: (value: T) => ReactNode;
}

/** Shows what was read, or that it is on its way, or why it did not come and how to ask again. */
export function Loaded<T>({ reading, what, children }: LoadedProps<T>) {
  switch (reading.state) {
    case "loading":
      return <Skeleton label={`Loading the ${what}`} lines={6} />;
    case "ready":
      return children(reading.value);
    case "failed":
      return (
        <Notice
          tone="danger"
          title={`The ${what} could not be loaded`}
          actions={
            <>
              <Button small icon="retry" onClick={reading.retry}>
                Try again
              </Button>
              {reading.problem.requestId && <RequestId id={reading.problem.requestId} />}
            </>
          }
        >
          {reading.problem.detail}
        </Notice>
      );
  }
}
