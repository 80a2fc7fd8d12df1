import { useCallback } from "react";
import { useView } from "../../shared/session/context";
import type { View } from "../../shared/sync/view";
import type { Area } from "../areas/catalogue";
import { Link } from "../routing/Link";
import type { Route } from "../routing/route";
import { Icon } from "../ui/Icon";

/** On a phone: which of the two columns is on screen. */
export function BottomBar({ pane, area }: { readonly pane: Route["pane"]; readonly area: Area }) {
  const { liaison } = area;
  const unread = useView(
    useCallback(
      ({ conversations }: View) => conversations.guide_agent.unread + conversations[liaison].unread,
      [liaison],
    ),
  );
  return (
    <nav className="bottom-bar" aria-label="View">
      <Link to={{ pane: "area" }} className="bottom-link" aria-current={pane === "area" ? "page" : undefined}>
        <Icon name="areas" size={20} />
        Areas
      </Link>
      <Link to={{ pane: "chat" }} className="bottom-link" aria-current={pane === "chat" ? "page" : undefined}>
        <span className="bottom-icon">
          <Icon name="chat" size={20} />
          {unread > 0 && <span className="unread-dot" />}
        </span>
        Chat
        {unread > 0 && <span className="visually-hidden">, new messages</span>}
      </Link>
    </nav>
  );
}
