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
  if (artifact.versions.length < 2) return null;
  const newestFirst = artifact.versions.toReversed();
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
