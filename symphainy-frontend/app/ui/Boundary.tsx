import { Component, type ReactNode } from "react";
import { Button } from "./Button";
import { Notice } from "./Notice";

interface BoundaryProps {
  readonly children: ReactNode;
  /** Shown instead of what broke; a notice with a way out if it is not given. */
  readonly fallback?: ReactNode;
}

/** Keeps what breaks in one part of the page, most of all a part that could not be loaded, from taking the rest with it. */
export class Boundary extends Component<BoundaryProps, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return this.props.fallback === undefined ? <Broken /> : this.props.fallback;
  }
}

function Broken() {
  return (
    <div className="broken" role="alert">
      <Notice
        tone="warn"
        title="This part of the page could not be shown"
        actions={
          <Button small icon="retry" onClick={() => window.location.reload()}>
            Reload the page
          </Button>
        }
      >
        The server may be away for a moment, or there is a new version of the page. Your work is saved.
      </Notice>
    </div>
  );
}
