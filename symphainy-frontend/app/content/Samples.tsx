import "./samples.css";
import { useGlobalSession } from "../../shared/session/context";
import type { Session } from "../../shared/sync/types";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { plural } from "../format/quantities";
import { Link } from "../routing/Link";
import { useAttempt } from "../shell/failures";
import { Button } from "../ui/Button";
import { Icon, type IconName } from "../ui/Icon";

interface Sample {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  readonly area: string;
  readonly licence: string;
  readonly source: string;
  readonly files: readonly string[];
}

const ICONS: Readonly<Record<string, IconName>> = { insights: "sparkline", operations: "arrow", content: "document" };

/** The sample data that ships with the server: what each shows, and one button to take it. */
export default function Samples({ session }: { readonly session: Session }) {
  const reading = useReading<{ readonly samples: readonly Sample[] }>("/api/v1/samples");
  return (
    <Loaded reading={reading} what="samples">
      {({ samples }) => (
        <ul className="samples" data-testid="samples">
          {samples.map((sample) => (
            <SampleItem key={sample.name} sample={sample} session={session} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function SampleItem({ sample, session }: { readonly sample: Sample; readonly session: Session }) {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const held = Object.values(session.files).filter((file) => sample.files.includes(file.name));
  const main = held.find((file) => file.name === sample.files.at(-1)) ?? held[0];
  const taken = held.length >= sample.files.length;
  return (
    <li className="sample">
      <span className="file-icon">
        <Icon name={ICONS[sample.area] ?? "document"} />
      </span>
      <div className="sample-text">
        <h3>{sample.title}</h3>
        <p>{sample.shows}</p>
        <p className="sample-source quiet">
          {plural(sample.files.length, "file")} · {sample.source} {sample.licence}
        </p>
      </div>
      {taken && main ? (
        <Link to={{ area: "content", fileId: main.file_id }} className="sample-taken">
          <Icon name="check" size={14} /> In this session
        </Link>
      ) : (
        <Button
          small
          onClick={() =>
            attempt(`Taking “${sample.title}”`, () => client.api.addSample(session.session_id, sample.name))
          }
          aria-label={`Use it: ${sample.title}`}
        >
          Use it
        </Button>
      )}
    </li>
  );
}
