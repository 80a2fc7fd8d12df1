import { type ReactNode, useState } from "react";
import "./outcomes.css";
import "./summary.css";
import type { Artifact, Session, Workflow } from "../../shared/sync/types";
import { AREAS, areaOf } from "../areas/catalogue";
import type { AreaPageProps } from "../areas/pages";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Link } from "../routing/Link";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { panelId, type Tab, Tabs, tabId } from "../ui/Tabs";
import { isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { ContextList } from "./ContextList";
import type { ProposalDocument, RoadmapDocument, SummaryDocument } from "./documents";
import { ProposalView } from "./ProposalView";
import { RoadmapView } from "./RoadmapView";
import { SummaryView } from "./SummaryView";

const MARKDOWN = "text/markdown";
const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/** What a roadmap can be made from. */
const BASIS = ["insights", "blueprint"];
type Kind = "roadmap" | "proposal";

/** What the session adds up to: the areas' numbers, what the user adds, the roadmap and the proposal. */
export default function OutcomesPage({ session, commands }: AreaPageProps) {
  const going = Object.values(session.workflows).filter(
    (workflow) => workflow.orchestrator === "BusinessOutcomesOrchestrator" && !isFinished(workflow.status),
  );
  const roadmap = newest(session, "roadmap");
  const proposal = newest(session, "proposal");
  const isGoing = (operation: string) => going.some((workflow) => workflow.operation === operation);
  const start = (operation: string, what: string) => commands.start(what, operation, {});
  // The proposal makes the roadmap too: one of them at a time.
  const planning = isGoing("generate_strategic_roadmap") || isGoing("generate_poc_proposal");
  const canPlan = !planning && BASIS.some((kind) => newest(session, kind));
  return (
    <div className="page outcomes">
      <Head>
        {canPlan && (
          <Button
            look={roadmap ? "plain" : "primary"}
            onClick={() => start("generate_strategic_roadmap", "Starting the roadmap")}
          >
            {roadmap ? "New version of the roadmap" : "Create a roadmap"}
          </Button>
        )}
        {canPlan && (
          <Button
            look={roadmap && !proposal ? "primary" : "plain"}
            onClick={() => start("generate_poc_proposal", "Starting the proposal")}
          >
            {proposal ? "New version of the proposal" : "Write a proposal"}
          </Button>
        )}
      </Head>
      <Going workflows={going} onCancel={commands.cancelWorkflow} />
      <Results session={session} roadmap={roadmap} proposal={proposal} busy={going.length > 0} />
      <Found
        session={session}
        summarize={
          isGoing("summarize_areas") || Object.keys(session.files).length === 0
            ? null
            : () => start("summarize_areas", "Summing up")
        }
      />
      <ContextList state={session.state} />
    </div>
  );
}

const newest = (session: Session, kind: string): Artifact | undefined =>
  Object.values(session.artifacts).findLast((artifact) => artifact.kind === kind);

function Head({ children }: { readonly children: ReactNode }) {
  const area = areaOf("business_outcomes");
  return (
    <header className="page-title-row">
      <div className="page-head">
        <p className="page-place">
          Step {AREAS.length} of {AREAS.length}
        </p>
        <h1>{area.label}</h1>
        <p className="lede">{area.purpose}</p>
      </div>
      <div className="head-buttons">{children}</div>
    </header>
  );
}

interface GoingProps {
  readonly workflows: readonly Workflow[];
  readonly onCancel: (id: string) => void;
}

function Going({ workflows, onCancel }: GoingProps) {
  if (workflows.length === 0) return null;
  return (
    <section className="outcome-section" aria-label="In progress">
      {workflows.map((workflow) => (
        <WorkflowCard key={workflow.workflow_id} workflow={workflow} onCancel={onCancel} />
      ))}
    </section>
  );
}

interface ResultsProps {
  readonly session: Session;
  readonly roadmap: Artifact | undefined;
  readonly proposal: Artifact | undefined;
  readonly busy: boolean;
}

function Results({ session, roadmap, proposal, busy }: ResultsProps) {
  const [chosen, setChosen] = useState<Kind | null>(null);
  const tabs: Tab<Kind>[] = [];
  if (roadmap) tabs.push({ name: "roadmap", label: "Roadmap" });
  if (proposal) tabs.push({ name: "proposal", label: "Proposal" });
  const selected = tabs.find((tab) => tab.name === chosen)?.name ?? (proposal ? "proposal" : "roadmap");
  const artifact = selected === "proposal" ? proposal : roadmap;
  if (!artifact) return busy ? null : <NothingYet session={session} />;
  return (
    <section className="outcome-section" aria-label="Results">
      <Tabs label="Results" id="outcome" tabs={tabs} selected={selected} onSelect={setChosen} />
      <div role="tabpanel" id={panelId("outcome")} aria-labelledby={tabId("outcome", selected)} data-testid={selected}>
        <ArtifactHead session={session} artifact={artifact} />
        {selected === "proposal" ? (
          <Read<ProposalDocument> session={session} artifact={artifact}>
            {(document) => <ProposalView document={document} />}
          </Read>
        ) : (
          <Read<RoadmapDocument> session={session} artifact={artifact}>
            {(document) => <RoadmapView document={document} />}
          </Read>
        )}
      </div>
    </section>
  );
}

function NothingYet({ session }: { readonly session: Session }) {
  const basis = BASIS.some((kind) => newest(session, kind));
  return (
    <Empty icon="sparkline" title={basis ? "Ready for a roadmap" : "Nothing to build on yet"}>
      {basis ? (
        "It is made from the findings and gaps of this session. You will be asked for effort, team and costs; nothing is assumed for you."
      ) : (
        <>
          A roadmap is made from findings in <Link to={{ area: "insights" }}>Insights</Link> and gaps in{" "}
          <Link to={{ area: "operations" }}>Operations</Link>.
        </>
      )}
    </Empty>
  );
}

function ArtifactHead({ session, artifact }: { readonly session: Session; readonly artifact: Artifact }) {
  const { artifact_id, version } = artifact;
  const download = (format: string) => artifactUrl(session.session_id, artifact_id, { version, format });
  return (
    <div className="artifact-bar">
      <p>
        <Link to={{ area: "business_outcomes", artifactId: artifact_id }} data-testid="artifact-link">
          {artifact.name}, version {version}
        </Link>{" "}
        <span className="quiet">· {artifact.status}</span>
      </p>
      <p className="artifact-downloads">
        <a className="button button-small" href={download(WORD)} download={`${artifact.name}.docx`}>
          Word
        </a>
        <a className="button button-small" href={download(MARKDOWN)} download={`${artifact.name}.md`}>
          Markdown
        </a>
      </p>
    </div>
  );
}

interface ReadProps<T> {
  readonly session: Session;
  readonly artifact: Artifact;
  readonly children: (document: T) => ReactNode;
}

function Read<T>({ session, artifact, children }: ReadProps<T>) {
  const url = artifactUrl(session.session_id, artifact.artifact_id, { version: artifact.version });
  const reading = useReading<T>(url);
  return (
    <Loaded reading={reading} what={artifact.kind}>
      {children}
    </Loaded>
  );
}

function Found({ session, summarize }: { readonly session: Session; readonly summarize: (() => void) | null }) {
  const summary = newest(session, "summary");
  return (
    <section className="outcome-section" aria-labelledby="found-title">
      <div className="section-head">
        <h2 id="found-title">What the areas found</h2>
        {summarize && (
          <Button small icon={summary ? "retry" : "arrow"} onClick={summarize}>
            {summary ? "Sum up again" : "Sum it up"}
          </Button>
        )}
      </div>
      {summary ? (
        <Read<SummaryDocument> session={session} artifact={summary}>
          {(document) => <SummaryView document={document} />}
        </Read>
      ) : (
        <Counts session={session} />
      )}
    </section>
  );
}

/** Until the first summary: how much there is in each area. */
function Counts({ session }: { readonly session: Session }) {
  const files = Object.values(session.files).length;
  const of = (...kinds: string[]) =>
    Object.values(session.artifacts).filter((item) => kinds.includes(item.kind)).length;
  const areas = [
    { area: "content", count: files, one: "file", many: "files" },
    { area: "insights", count: of("insights"), one: "analysed table", many: "analysed tables" },
    {
      area: "operations",
      count: of("sop", "workflow_model", "blueprint"),
      one: "process result",
      many: "process results",
    },
  ] as const;
  return (
    <ul className="area-counts">
      {areas.map(({ area, count, one, many }) => (
        <li key={area}>
          <Link to={{ area }}>{areaOf(area).label}</Link>
          <span>
            <strong>{count}</strong> {count === 1 ? one : many}
          </span>
        </li>
      ))}
    </ul>
  );
}
