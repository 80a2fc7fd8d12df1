import type { Upload } from "../../shared/sync/view";
import { bytes } from "../format/quantities";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { kindIcon } from "./kinds";

interface UploadListProps {
  readonly uploads: readonly Upload[];
  readonly onCancel: (uploadId: string) => void;
  readonly onRetry: (uploadId: string) => void;
}

/** Files on their way, each with its own progress. */
export function UploadList({ uploads, ...commands }: UploadListProps) {
  if (uploads.length === 0) return null;
  return (
    <ul className="uploads" aria-label="Uploads">
      {uploads.map((upload) => (
        <UploadItem key={upload.upload_id} upload={upload} {...commands} />
      ))}
    </ul>
  );
}

function UploadItem({ upload, onCancel, onRetry }: { readonly upload: Upload } & Omit<UploadListProps, "uploads">) {
  const { upload_id, names, status } = upload;
  const name = names.join(", ");
  const over = status === "failed";
  const fraction = upload.size > 0 ? upload.sent / upload.size : 0;
  return (
    <li className={`upload upload-${status}`} data-testid="upload" data-status={status}>
      <Icon name={over ? "notice" : kindIcon(null, names[0] ?? "")} />
      <div className="upload-text">
        <p>{name}</p>
        <p className="quiet upload-why numeric">{stateText(upload, fraction)}</p>
      </div>
      <div className="upload-buttons">
        {over ? (
          <>
            <Button small icon="retry" onClick={() => onRetry(upload_id)} aria-label={`Retry ${name}`}>
              Retry
            </Button>
            <IconButton icon="close" label={`Dismiss ${name}`} onClick={() => onCancel(upload_id)} />
          </>
        ) : (
          <Button small onClick={() => onCancel(upload_id)} aria-label={`Cancel the upload of ${name}`}>
            Cancel
          </Button>
        )}
      </div>
      {!over && (
        <div
          className="bar"
          role="progressbar"
          aria-label={`Upload of ${name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(fraction * 100)}
        >
          <span className="bar-fill" style={{ width: `${fraction * 100}%` }} />
        </div>
      )}
    </li>
  );
}

function stateText(upload: Upload, fraction: number): string {
  switch (upload.status) {
    case "sending":
      return `${bytes(upload.sent)} of ${bytes(upload.size)}, ${Math.floor(fraction * 100)}%`;
    case "saving":
      return "Sent. The server is keeping it";
    case "waiting":
      return "Interrupted. It is sent again as soon as the server can be reached";
    case "failed":
      return upload.problem?.detail ?? "The upload failed. Nothing was kept";
  }
}
