import type { AnchorHTMLAttributes } from "react";
import type { Route } from "./route";
import { isPlainClick, useRoute } from "./useRoute";

type LinkProps = { readonly to: Partial<Route> } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href" | "onClick">;

export function Link({ to, ...rest }: LinkProps) {
  const { go, href } = useRoute();
  return (
    <a
      {...rest}
      href={href(to)}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        go(to);
      }}
    />
  );
}
