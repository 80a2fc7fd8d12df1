import "./entrances.css";
import type { SessionFile } from "../../shared/sync/types";
import type { AreaCommands } from "../areas/commands";
import { useDropping } from "../content/Dropping";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { isDiagram } from "./documents";

interface EntrancesProps {
  /** Procedures and diagrams of the session, newest first. */
  readonly files: readonly SessionFile[];
  readonly commands: AreaCommands;
  /** Null while a procedure is being written: that one is finished first. */
  readonly onWrite: (() => void) | null;
}

const SHOWN = 5;

/** Three ways in: a file that is here, a file to upload, or a conversation. */
export function Entrances({ files, commands, onWrite }: EntrancesProps) {
  const { choose } = useDropping();
  return (
    <ul className="entrances" aria-label="Ways to begin">
      <li className="entrance">
        <Icon name="document" size={20} />
        <h2>From a file that is here</h2>
        {files.length === 0 ? (
          <p className="quiet">No procedure (Word, PDF, text) and no diagram (.bpmn) is in this session yet.</p>
        ) : (
          <ul className="entrance-files">
            {files.slice(0, SHOWN).map((file) => (
              <li key={file.file_id}>
                <span className="entrance-name">{file.name}</span>
                <Button small onClick={() => read(file, commands)}>
                  {isDiagram(file.name) ? "Read the diagram" : "Read the procedure"}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </li>
      <li className="entrance">
        <Icon name="upload" size={20} />
        <h2>From a new file</h2>
        <p className="quiet">A written procedure, or a BPMN diagram of any tool.</p>
        <Button icon="upload" onClick={choose}>
          Upload
        </Button>
      </li>
      {onWrite && (
        <li className="entrance">
          <Icon name="chat" size={20} />
          <h2>From scratch</h2>
          <p className="quiet">Tell the liaison how the work is done. It asks, and you correct in your own words.</p>
          <Button look="primary" icon="edit" onClick={onWrite}>
            Write it together
          </Button>
        </li>
      )}
    </ul>
  );
}

function read(file: SessionFile, commands: AreaCommands) {
  const operation = isDiagram(file.name) ? "read_workflow" : "build_sop";
  commands.start(`Reading ${file.name}`, operation, { file_id: file.file_id });
}
