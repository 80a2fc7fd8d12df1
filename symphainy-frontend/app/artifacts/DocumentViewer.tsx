import "./document.css";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Markdown } from "../ui/Markdown";
import type { ViewerProps } from "./registry";
import { Value } from "./Value";

const TEXT = "text/markdown";

/** Any document, readable: as the text that was written of it, where there is one, else field by field. */
export default function DocumentViewer({ session, artifact, version, document }: ViewerProps) {
  const written = version.renditions.some((item) => item.media_type === TEXT);
  return (
    <div className="document-view">
      {written ? (
        <Written
          url={artifactUrl(session.session_id, artifact.artifact_id, { version: version.version, format: TEXT })}
        />
      ) : (
        <Value value={document} />
      )}
    </div>
  );
}

function Written({ url }: { readonly url: string }) {
  const reading = useReading<string>(url, "text");
  return (
    <Loaded reading={reading} what="text">
      {(text) => <Markdown text={text} />}
    </Loaded>
  );
}
