// @vitest-environment node
/**
 * The sync client's types are the server's. They are written by hand, frozen and without a framework, in `shared/sync`; `api.ts` is
 * generated from the server's own description (`make types`). Where the two differ, this file does not compile.
 */
import { readFile } from "node:fs/promises";
import openapi, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { EntryData, EntryType } from "../sync/entries";
import type * as sync from "../sync/types";
import type { components } from "./api";

type Schemas = components["schemas"];

/** As it comes: nothing may be written, and an object of any content is one of JSON. */
type Wire<T> = unknown extends T
  ? sync.JsonValue
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Wire<T[Name]> }
      : T;

/** As it is held: the server and the fold fill in what was left out. */
type Held<T> = unknown extends T
  ? sync.JsonValue
  : T extends readonly (infer Item)[]
    ? readonly Held<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]-?: Held<Exclude<T[Name], undefined>> }
      : T;

type WireEntry = Schemas["EntryPage"]["entries"][number];
type DataOf<Type extends EntryType> = Wire<Extract<WireEntry, { type: Type }>["data"]>;

describe("the hand-written types", () => {
  test("of what is held are the server's", () => {
    expectTypeOf<sync.Action>().toEqualTypeOf<Held<Schemas["Action"]>>();
    expectTypeOf<sync.Failure>().toEqualTypeOf<Held<Schemas["Failure"]>>();
    expectTypeOf<sync.Message>().toEqualTypeOf<Held<Schemas["MessageModel"]>>();
    expectTypeOf<sync.Conversation>().toEqualTypeOf<Held<Schemas["ConversationModel"]>>();
    expectTypeOf<sync.Step>().toEqualTypeOf<Held<Schemas["Step"]>>();
    expectTypeOf<sync.Workflow>().toEqualTypeOf<Held<Schemas["Workflow"]>>();
    expectTypeOf<sync.Run>().toEqualTypeOf<Held<Schemas["Run"]>>();
    expectTypeOf<sync.SessionFile>().toEqualTypeOf<Held<Schemas["File"]>>();
    expectTypeOf<sync.Artifact>().toEqualTypeOf<Held<Schemas["Artifact"]>>();
    expectTypeOf<sync.Comparison>().toEqualTypeOf<Held<Schemas["ComparisonModel"]>>();
    expectTypeOf<sync.StateRef>().toEqualTypeOf<Held<Schemas["StateRef"]>>();
    expectTypeOf<sync.ServiceUse>().toEqualTypeOf<Held<Schemas["ServiceUse"]>>();
    expectTypeOf<sync.Delegation>().toEqualTypeOf<Held<Schemas["Delegation"]>>();
    expectTypeOf<sync.OrchestratorContext>().toEqualTypeOf<Held<Schemas["OrchestratorContext"]>>();
    expectTypeOf<sync.OrchestratorStates>().toEqualTypeOf<Held<Schemas["OrchestratorStates"]>>();
    expectTypeOf<sync.Snapshot>().toEqualTypeOf<Held<Schemas["Snapshot"]>>();
    expectTypeOf<sync.State>().toEqualTypeOf<Held<Schemas["StateModel"]>>();
    expectTypeOf<sync.SessionSummary>().toEqualTypeOf<Held<Schemas["SessionSummary"]>>();
    expectTypeOf<Omit<sync.Meta, "limits">>().toEqualTypeOf<Omit<Held<Schemas["Meta"]>, "limits">>();
  });

  test("of the log's entries are the server's, every one", () => {
    expectTypeOf<EntryType>().toEqualTypeOf<WireEntry["type"]>();
    expectTypeOf<EntryData>().toEqualTypeOf<{ [Type in EntryType]: DataOf<Type> }>();
  });
});

test("the generated types are those of spec/openapi.json (if not: make types)", async () => {
  const document = JSON.parse(await readFile("../spec/openapi.json", "utf8"));
  const generated = astToString(await openapi(document, { defaultNonNullable: false }));
  expect(await readFile("shared/session/api.ts", "utf8")).toBe(`${COMMENT_HEADER}${generated}`);
});
