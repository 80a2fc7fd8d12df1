import "./dropping.css";
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from "react";
import type { Meta } from "../../shared/sync/types";
import { Icon } from "../ui/Icon";
import type { Refusal } from "./uploadChecks";

interface Dropping {
  readonly choose: () => void;
  readonly refused: readonly Refusal[];
  readonly forgetRefused: () => void;
  /** The next files are read for their schema only: none of their values is kept. */
  readonly metadataOnly: boolean;
  readonly setMetadataOnly: (metadataOnly: boolean) => void;
}

const DroppingContext = createContext<Dropping | null>(null);

export function useDropping(): Dropping {
  const dropping = use(DroppingContext);
  if (dropping === null) throw new Error("useDropping is used outside of DropArea");
  return dropping;
}

interface DropAreaProps {
  readonly meta: Meta | null;
  readonly onFiles: (files: readonly File[], metadataOnly: boolean) => void;
  /** Files came, by whichever way. */
  readonly onTaken: () => void;
  readonly children: ReactNode;
}

/** Takes files that are dropped anywhere on the page, pasted, or chosen by a button anywhere in it. */
export function DropArea({ meta, onFiles, onTaken, children }: DropAreaProps) {
  const [refused, setRefused] = useState<readonly Refusal[]>([]);
  const [metadataOnly, setMetadataOnly] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = useCallback(
    (files: readonly File[]) => {
      if (files.length === 0) return;
      import("./uploadChecks").then(
        ({ checkFiles }) => {
          const checked = checkFiles(files, meta);
          setRefused(checked.refused);
          if (checked.accepted.length > 0) onFiles(checked.accepted, metadataOnly);
        },
        // Without the part that checks, the server alone has its say.
        () => onFiles(files, metadataOnly),
      );
      onTaken();
    },
    [meta, onFiles, onTaken, metadataOnly],
  );
  const hovering = useDrop(take);
  const choose = useCallback(() => input.current?.click(), []);
  const forgetRefused = useCallback(() => setRefused([]), []);
  return (
    <DroppingContext value={{ choose, refused, forgetRefused, metadataOnly, setMetadataOnly }}>
      {children}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        aria-label="Files to upload"
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {hovering && (
        <div className="drop-veil" aria-hidden="true">
          <span>
            <Icon name="upload" size={32} />
            Drop your files anywhere
          </span>
        </div>
      )}
    </DroppingContext>
  );
}

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

function useDrop(take: (files: readonly File[]) => void): boolean {
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const drop = (event: DragEvent) => {
      setHovering(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      take([...(event.dataTransfer?.files ?? [])]);
    };
    const paste = (event: ClipboardEvent) => take([...(event.clipboardData?.files ?? [])]);
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
      document.removeEventListener("paste", paste);
    };
  }, [take]);
  return hovering;
}
