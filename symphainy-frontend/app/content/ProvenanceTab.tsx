import "../workflows/workflows.css";
import type { Delegation, State, Workflow } from "../../shared/sync/types";
import { duration, fullTime } from "../format/times";
import { StatusMark, statusWord } from "../ui/StatusMark";
import { elapsedOf, stepTitle } from "../workflows/progress";

interface ProvenanceTabProps {
  readonly workflow: Workflow;
  readonly delegations: readonly Delegation[];
  /** The stored state that keeps the result; null while the workflow has none. */
  readonly state: State | null;
}

/** Who made these results: what was handed to whom, and what each service contributed. */
export function ProvenanceTab({ workflow, delegations, state }: ProvenanceTabProps) {
  const total = elapsedOf(workflow, Date.parse(workflow.updated_at));
  return (
    <div className="tab-body" data-testid="provenance">
      <dl className="definitions">
        <div>
          <dt>Orchestrator</dt>
          <dd>{workflow.orchestrator}</dd>
        </div>
        <div>
          <dt>Workflow</dt>
          <dd>
            {workflow.title} <code className="quiet">{workflow.workflow_id}</code>
          </dd>
        </div>
        <div>
          <dt>Status</dt>
          <dd>
            {statusWord(workflow.status)}
            {total !== null && `, ${duration(total)}`}
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{fullTime(workflow.started_at)}</dd>
        </div>
        {state && (
          <div>
            <dt>Kept as</dt>
            <dd>
              <code>{state.state_id}</code>, stored {fullTime(state.stored_at)}
            </dd>
          </div>
        )}
      </dl>
      <Chain delegations={delegations} />
      <Contributions workflow={workflow} state={state} />
    </div>
  );
}

function Chain({ delegations }: { readonly delegations: readonly Delegation[] }) {
  const first = delegations[0];
  if (!first) return null;
  const names = [...new Set([first.source, ...delegations.map((link) => link.target)])];
  return (
    <section aria-labelledby="chain-title">
      <h2 id="chain-title">Who handed it to whom</h2>
      <ol className="chain">
        {names.map((name) => (
          <li key={name}>{actorName(name)}</li>
        ))}
      </ol>
    </section>
  );
}

/** `user:usr_1` and the like without the id; a service is called by its name. */
export function actorName(actor: string): string {
  const [kind, name = ""] = actor.split(":");
  if (kind === "user") return "You";
  const bare = name || actor;
  return /^[a-z_]+$/.test(bare) ? bare.charAt(0).toUpperCase() + bare.slice(1).replaceAll("_", " ") : bare;
}

function Contributions({ workflow, state }: { readonly workflow: Workflow; readonly state: State | null }) {
  const made = new Map(
    state?.orchestrator_metadata.enabling_service_contributions.map((item) => [item.service, item.contribution]),
  );
  const longest = Math.max(1, ...workflow.steps.map((step) => step.elapsed_ms ?? 0));
  return (
    <section aria-labelledby="services-title">
      <h2 id="services-title">What each service did</h2>
      <table className="services">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Service</th>
            <th scope="col">Contributed</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {workflow.steps.map((step) => (
            <tr key={step.name}>
              <th scope="row">
                <span className="services-step">
                  <StatusMark status={step.status} />
                  {stepTitle(step.name)}
                </span>
              </th>
              <td>{step.service}</td>
              <td className="quiet">{made.get(step.service)?.replaceAll("_", " ") ?? statusWord(step.status)}</td>
              <td className="services-took numeric">
                {step.elapsed_ms !== null && (
                  <>
                    <span className="bar bar-thin" aria-hidden="true">
                      <span className="bar-fill" style={{ width: `${(step.elapsed_ms / longest) * 100}%` }} />
                    </span>
                    {duration(step.elapsed_ms)}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
