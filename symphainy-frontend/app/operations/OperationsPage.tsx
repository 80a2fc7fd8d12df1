import "../content/content.css";
import "./operations.css";
import { useState } from "react";
import type { Artifact, Session } from "../../shared/sync/types";
import { AREAS, areaOf } from "../areas/catalogue";
import type { AreaCommands } from "../areas/commands";
import type { AreaPageProps } from "../areas/pages";
import { Button } from "../ui/Button";
import { isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { artifactsOfKind, comparisonOf, isDiagram, isProcedure, type PairOfWork, pairOf, wizardOf } from "./documents";
import { Entrances } from "./Entrances";
import { BlueprintPanel, SopPanel, WorkflowPanel } from "./Panels";
import { WizardPanel } from "./WizardPanel";

const WRITE = "Create an SOP with me step by step";

/** Procedures and workflows side by side, and how well they describe the same work. */
export default function OperationsPage({ session, onAgent, onAsk, commands }: AreaPageProps) {
  const wizard = wizardOf(session);
  const [chosen, setChosen] = useState<Chosen>({});
  const pair = pairOf(session, chosen);
  const nothing = pair.sop === undefined && pair.workflow === undefined;
  return (
    <div className="page operations">
      <Head />
      {wizard && <WizardPanel wizard={wizard} onGoOn={() => onAgent("operations_liaison")} />}
      <Going session={session} onCancel={commands.cancelWorkflow} />
      {!nothing && (
        <>
          <Choices session={session} pair={pair} onChoose={(part) => setChosen({ ...chosen, ...part })} />
          <Pair key={pair.sop?.artifact_id} session={session} {...pair} commands={commands} />
          <Comparing session={session} {...pair} commands={commands} />
        </>
      )}
      <section className="content-section" aria-label={nothing ? "Begin" : "More procedures"}>
        {!nothing && <h2>Work on something else</h2>}
        <Entrances files={filesOf(session)} commands={commands} onWrite={wizard ? null : () => onAsk(WRITE)} />
      </section>
    </div>
  );
}

const filesOf = (session: Session) =>
  Object.values(session.files)
    .filter((file) => isDiagram(file.name) || isProcedure(file.name, file.kind))
    .toReversed();

function Head() {
  const area = areaOf("operations");
  return (
    <header className="page-head">
      <p className="page-place">
        Step {AREAS.indexOf(area) + 1} of {AREAS.length}
      </p>
      <h1>{area.label}</h1>
      <p className="lede">{area.purpose}</p>
    </header>
  );
}

function Going({ session, onCancel }: { readonly session: Session; readonly onCancel: (id: string) => void }) {
  const going = Object.values(session.workflows).filter(
    (workflow) => workflow.orchestrator === "OperationsOrchestrator" && !isFinished(workflow.status),
  );
  if (going.length === 0) return null;
  return (
    <section className="content-section" aria-labelledby="going-title">
      <h2 id="going-title">In progress</h2>
      {going.map((workflow) => (
        <WorkflowCard key={workflow.workflow_id} workflow={workflow} onCancel={onCancel} />
      ))}
    </section>
  );
}

interface PairProps {
  readonly session: Session;
  readonly sop: Artifact | undefined;
  readonly workflow: Artifact | undefined;
  readonly commands: AreaCommands;
}

interface Chosen {
  readonly sop?: string | undefined;
  readonly workflow?: string | undefined;
}

interface ChoicesProps {
  readonly session: Session;
  readonly pair: PairOfWork;
  readonly onChoose: (part: Chosen) => void;
}

/** Which of several procedures and workflows are looked at. */
function Choices({ session, pair, onChoose }: ChoicesProps) {
  const sops = artifactsOfKind(session, "sop");
  const workflows = artifactsOfKind(session, "workflow_model");
  if (sops.length < 2 && workflows.length < 2) return null;
  return (
    <div className="pair-choices">
      {sops.length > 1 && (
        <Choice
          label="SOP"
          from={sops}
          chosen={pair.sop}
          onChoose={(id) => onChoose({ sop: id, workflow: undefined })}
        />
      )}
      {workflows.length > 1 && (
        <Choice
          label="Workflow"
          from={workflows}
          chosen={pair.workflow}
          onChoose={(id) => onChoose({ workflow: id })}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly from: readonly Artifact[];
  readonly chosen: Artifact | undefined;
  readonly onChoose: (artifactId: string) => void;
}

function Choice({ label, from, chosen, onChoose }: ChoiceProps) {
  return (
    <label className="source-choice">
      <span>{label}</span>
      <select value={chosen?.artifact_id} onChange={(event) => onChoose(event.target.value)}>
        {from.map((artifact) => (
          <option key={artifact.artifact_id} value={artifact.artifact_id}>
            {artifact.name}
          </option>
        ))}
      </select>
    </label>
  );
}

type Shown = "both" | "sop" | "workflow";

const SHOWN: readonly (readonly [Shown, string])[] = [
  ["both", "Side by side"],
  ["sop", "SOP"],
  ["workflow", "Workflow"],
];

function ShownChoice({ shown, onShow }: { readonly shown: Shown; readonly onShow: (shown: Shown) => void }) {
  return (
    <fieldset className="shape-toggle">
      <legend className="visually-hidden">Show</legend>
      {SHOWN.map(([name, label]) => (
        <button key={name} type="button" aria-pressed={shown === name} onClick={() => onShow(name)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}

/** The newest SOP beside the newest workflow, or one of them as wide as the page. */
function Pair(props: PairProps) {
  const [shown, setShown] = useState<Shown>("both");
  const whole = props.sop !== undefined && props.workflow !== undefined;
  return (
    <div className="pair">
      {whole && <ShownChoice shown={shown} onShow={setShown} />}
      <SideBySide {...props} shown={whole ? shown : "both"} />
    </div>
  );
}

/** Where one is missing, it can be made from the other. */
function SideBySide({ session, sop, workflow, commands, shown }: PairProps & { readonly shown: Shown }) {
  if (shown === "sop" && sop) return <SopPanel session={session} artifact={sop} />;
  if (shown === "workflow" && workflow) return <WorkflowPanel session={session} artifact={workflow} />;
  return (
    <div className="side-by-side">
      {sop ? (
        <SopPanel session={session} artifact={sop} />
      ) : (
        <Missing
          title="There is no SOP yet"
          text="It can be written from the diagram: lanes become roles, gateways conditions."
        >
          {workflow && (
            <Button
              look="primary"
              onClick={() =>
                commands.start("Writing the SOP", "generate_sop_from_workflow", {
                  workflow_artifact_id: workflow.artifact_id,
                })
              }
            >
              Write the SOP
            </Button>
          )}
        </Missing>
      )}
      {workflow ? (
        <WorkflowPanel session={session} artifact={workflow} />
      ) : (
        <Missing
          title="There is no workflow yet"
          text="It can be drawn from the SOP: roles become lanes, conditions gateways."
        >
          {sop && (
            <Button
              look="primary"
              onClick={() =>
                commands.start("Drawing the workflow", "generate_workflow_from_sop", {
                  sop_artifact_id: sop.artifact_id,
                })
              }
            >
              Draw the workflow
            </Button>
          )}
        </Missing>
      )}
    </div>
  );
}

function Missing({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children: React.ReactNode;
}) {
  return (
    <section className="work-panel work-missing" aria-label={title}>
      <h2>{title}</h2>
      <p className="quiet">{text}</p>
      {children}
    </section>
  );
}

/** Compares the pair above; its newest comparison is shown whole. */
function Comparing({ session, sop, workflow, related, commands }: PairProps & { readonly related: boolean }) {
  if (sop === undefined || workflow === undefined) return null;
  const blueprint = comparisonOf(session, sop, workflow);
  const stale = blueprint !== undefined && [sop, workflow].some((made) => made.created_at > blueprint.created_at);
  const [sop_artifact_id, workflow_artifact_id] = [sop.artifact_id, workflow.artifact_id];
  const compare = () => commands.start("Comparing", "analyze_coexistence", { sop_artifact_id, workflow_artifact_id });
  const draw = () => commands.start("Drawing the workflow", "generate_workflow_from_sop", { sop_artifact_id });
  return (
    <>
      {(blueprint === undefined || stale) && (
        <section className="work-panel work-compare" aria-label="Coexistence">
          <div>
            <h2>{stale ? "One of them has changed since" : "Do the two describe the same work?"}</h2>
            <p className="quiet">
              The comparison gives a score with its formula, every gap, who should do which step, and the future state.
            </p>
          </div>
          <div className="work-compare-buttons">
            <Button look="primary" onClick={compare}>
              {stale ? "Compare again" : "Compare SOP and workflow"}
            </Button>
            {!related && <Button onClick={draw}>Draw this SOP</Button>}
          </div>
        </section>
      )}
      {blueprint && <BlueprintPanel session={session} artifact={blueprint} />}
    </>
  );
}
