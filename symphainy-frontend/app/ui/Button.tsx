import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "./Icon";

interface Look {
  readonly look?: "primary" | "plain" | "ghost" | "danger";
  readonly small?: boolean;
  readonly icon?: IconName;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look = "plain",
  small = false,
  icon,
  children,
  className = "",
  ...rest
}: Look & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`button button-${look} ${small ? "button-small" : ""} ${className}`} {...rest}>
      {icon && <Icon name={icon} size={small ? 14 : 16} />}
      {children}
    </button>
  );
}

/** A square button whose name is only spoken and shown as a tooltip. */
export function IconButton({
  icon,
  label,
  className = "",
  ...rest
}: { readonly icon: IconName; readonly label: string } & Look & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
