import { type ReactNode, useState } from "react";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";

interface NoticeProps {
  readonly tone?: "info" | "warn" | "danger";
  readonly title?: string;
  readonly icon?: IconName;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

export function Notice({ tone = "info", title, icon = "notice", children, actions }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`}>
      <Icon name={icon} />
      <div className="notice-body">
        {title && <p className="notice-title">{title}</p>}
        <div>{children}</div>
        {actions && <div className="notice-actions">{actions}</div>}
      </div>
    </div>
  );
}

/** The id under which the server's log knows a failed request. */
export function RequestId({ id }: { readonly id: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(id).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <Button small look="ghost" icon={copied ? "check" : "copy"} onClick={copy} title={id}>
      {copied ? "Copied" : "Copy request id"}
    </Button>
  );
}
