import { Link } from "../routing/Link";
import type { Route } from "../routing/route";
import { Icon } from "../ui/Icon";

/** On a phone: which of the two columns is on screen. */
export function BottomBar({ pane, unread }: { readonly pane: Route["pane"]; readonly unread: number }) {
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
