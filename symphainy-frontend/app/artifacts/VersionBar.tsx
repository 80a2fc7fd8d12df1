import type { Artifact, ArtifactVersion } from "../../shared/sync/types";
import { ago } from "../format/times";
import { useMinutes } from "../format/useNow";
import { useRoute } from "../routing/useRoute";
import { Button } from "../ui/Button";
import { STATUS_WORDS } from "./kinds";

interface VersionBarProps {
  readonly artifact: Artifact;
  readonly version: ArtifactVersion;
}

/** Which version is shown, and with which one it is compared. Of one version there is nothing to choose. */
export function VersionBar({ artifact, version }: VersionBarProps) {
  const { route, go } = useRoute();
  const now = useMinutes();
  if (artifact.version < 2) return null;
  const newestFirst = artifact.versions.toReversed();
  const older = range((artifact.versions[0]?.version ?? 1) - 1);
  const before = version.version > 1 ? version.version - 1 : version.version + 1;
  const others = newestFirst.filter((item) => item.version !== version.version);
  return (
    <div className="version-bar">
      <label>
        <span>Version</span>
        <select
          value={version.version}
          data-testid="version-choice"
          onChange={(event) => {
            const chosen = Number(event.target.value);
            const keeps = route.comparedWith !== null && route.comparedWith !== chosen;
            go({ version: chosen, comparedWith: keeps ? route.comparedWith : null });
          }}
        >
          {newestFirst.map((item) => (
            <option key={item.version} value={item.version}>
              {item.version}, {STATUS_WORDS[item.status].toLowerCase()}, {ago(item.created_at, now)}
            </option>
          ))}
          <OlderVersions numbers={older} />
        </select>
      </label>
      {route.comparedWith === null ? (
        <Button icon="columns" onClick={() => go({ version: version.version, comparedWith: before })}>
          Compare with version {before}
        </Button>
      ) : (
        <>
          <label>
            <span>compared with</span>
            <select
              value={route.comparedWith}
              data-testid="comparison-choice"
              onChange={(event) => go({ version: version.version, comparedWith: Number(event.target.value) })}
            >
              {others.map((item) => (
                <option key={item.version} value={item.version}>
                  {item.version}, {STATUS_WORDS[item.status].toLowerCase()}
                </option>
              ))}
              <OlderVersions numbers={older.filter((number) => number !== version.version)} />
            </select>
          </label>
          <Button icon="close" onClick={() => go({ comparedWith: null })}>
            End comparison
          </Button>
        </>
      )}
    </div>
  );
}

/** Those that the session no longer holds, by number alone: what they are is read when one is chosen. */
function OlderVersions({ numbers }: { readonly numbers: readonly number[] }) {
  if (numbers.length === 0) return null;
  return (
    <optgroup label="Older">
      {numbers.map((number) => (
        <option key={number} value={number}>
          {number}
        </option>
      ))}
    </optgroup>
  );
}

/** From `last` down to 1. */
const range = (last: number): readonly number[] => Array.from({ length: last }, (_, place) => last - place);
