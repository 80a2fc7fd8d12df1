import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Entry } from "../entries";
import type { Snapshot } from "../types";
import { deepFreeze } from "./freeze";

export interface Vector {
  readonly name: string;
  readonly session_id: string;
  readonly entries: readonly Entry[];
  readonly snapshot: Snapshot;
}

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const FOLDER = `${ROOT}spec/vectors/`;

export const goldenVectors = (): Vector[] =>
  readdirSync(FOLDER).map((name) => deepFreeze(JSON.parse(readFileSync(FOLDER + name, "utf8"))));

/** Random logs and what the Python fold makes of them. */
export function randomVectors(firstSeed: number, count: number): Vector[] {
  const ownPython = `${ROOT}.venv/bin/python`;
  const python = process.env.PYTHON ?? (existsSync(ownPython) ? ownPython : "python3");
  const output = execFileSync(python, ["-m", "tests.unit.random_logs", String(firstSeed), String(count)], {
    cwd: ROOT,
    env: { ...process.env, PYTHONPATH: `${ROOT}src` },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    timeout: 30_000,
  });
  return output
    .trimEnd()
    .split("\n")
    .map((line) => deepFreeze(JSON.parse(line)));
}
