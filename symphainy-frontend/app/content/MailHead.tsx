import "./mail.css";
import type { Session, SessionFile } from "../../shared/sync/types";
import { useReading } from "../data/reading";
import { bytes } from "../format/quantities";
import { fullTime } from "../format/times";
import { Link } from "../routing/Link";
import { Icon } from "../ui/Icon";
import { StatusMark } from "../ui/StatusMark";
import { markOf } from "./fileStatus";
import { kindIcon } from "./kinds";
import type { FileMetadata } from "./results";

interface MailHeadProps {
  readonly session: Session;
  /** Where the metadata of the message is. */
  readonly url: string;
  /** The files that its attachments became. */
  readonly attached: readonly string[];
}

/** Who wrote to whom, when, and what came with it. The text follows below. */
export function MailHead({ session, url, attached }: MailHeadProps) {
  const reading = useReading<FileMetadata>(url);
  const mail = reading.state === "ready" ? reading.value.mail : null;
  const files = attached.flatMap((fileId) => session.files[fileId] ?? []);
  return (
    <section className="mail" aria-label="Message" data-testid="mail">
      {mail && (
        <dl className="mail-head">
          <Line term="From" value={mail.sender} />
          <Line term="To" value={mail.to.join(", ")} />
          <Line term="Cc" value={mail.cc.join(", ")} />
          <Line term="Date" value={mail.date && fullTime(mail.date)} />
        </dl>
      )}
      {files.length > 0 && (
        <ul className="mail-files" aria-label="Attachments">
          {files.map((file) => (
            <Attachment key={file.file_id} file={file} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ term, value }: { readonly term: string; readonly value: string | null }) {
  if (!value) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Attachment({ file }: { readonly file: SessionFile }) {
  return (
    <li>
      <Link to={{ area: "content", fileId: file.file_id }} className="mail-file">
        <Icon name={kindIcon(file.kind, file.name)} />
        <span>{file.name}</span>
        <span className="quiet numeric">{bytes(file.size)}</span>
        <StatusMark status={markOf(file)} />
      </Link>
    </li>
  );
}
