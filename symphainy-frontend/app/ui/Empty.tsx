import "./empty.css";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      <p className="empty-title">{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}
