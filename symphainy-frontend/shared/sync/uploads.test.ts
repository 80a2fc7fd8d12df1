import { expect, test } from "vitest";
import { FakeUpload } from "./testing/uploads";
import { Uploads } from "./uploads";

function world() {
  const requests: FakeUpload[] = [];
  let ids = 0;
  const uploads = new Uploads({
    url: "/api/v1/sessions/ses_1/files",
    headers: {},
    onChange: () => {},
    environment: {
      newId: (prefix) => {
        ids += 1;
        return `${prefix}_${ids}`;
      },
      newUpload: () => {
        const request = new FakeUpload();
        requests.push(request);
        return request as unknown as XMLHttpRequest;
      },
    },
  });
  const last = () => requests.at(-1) ?? new FakeUpload();
  return { uploads, requests, last };
}

const files = [new File(["12345"], "a.csv"), new File(["1234567890"], "b.csv")];

test("an upload shows how far it is and ends with the server's files", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, true);
  expect(last().url).toBe("/api/v1/sessions/ses_1/files?process=true");
  expect(
    last()
      .body?.getAll("files")
      .map((file) => (file as File).name),
  ).toEqual(["a.csv", "b.csv"]);
  expect(uploads.list).toMatchObject([{ names: ["a.csv", "b.csv"], size: 15, sent: 0, status: "sending" }]);
  last().upload.onprogress?.({ loaded: 100, total: 200 });
  expect(uploads.list[0]).toMatchObject({ sent: 8, status: "sending" });
  last().upload.onload?.();
  expect(uploads.list[0]?.status).toBe("saving");
  last().answer(201, { files: [{ file_id: "file_1" }] });
  expect(await done).toEqual([{ file_id: "file_1" }]);
  expect(uploads.list).toEqual([]);
});

test("a refused upload says why and stays until it is forgotten", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, true);
  last().answer(413, { code: "too_large", detail: "At most 10 bytes." });
  await expect(done).rejects.toMatchObject({ code: "too_large", status: 413, detail: "At most 10 bytes." });
  expect(uploads.list[0]).toMatchObject({ status: "failed", problem: { code: "too_large" } });
  uploads.cancel(uploads.list[0]?.upload_id ?? "");
  expect(uploads.list).toEqual([]);
});

test("an upload that was cut is sent again with the same key, so that no file is kept twice", async () => {
  const { uploads, requests, last } = world();
  const first = uploads.add(files, false);
  last().upload.onprogress?.({ loaded: 100, total: 200 });
  last().onerror?.();
  await expect(first).rejects.toMatchObject({ code: "unreachable" });
  const again = uploads.retry(uploads.list[0]?.upload_id ?? "");
  expect(uploads.list[0]).toMatchObject({ status: "sending", sent: 0, problem: null });
  last().answer(201, { files: [] });
  expect(await again).toEqual([]);
  expect(requests.map((request) => request.headers["Idempotency-Key"])).toEqual(["upl_1", "upl_1"]);
  expect(requests.map((request) => request.url.endsWith("process=false"))).toEqual([true, true]);
});

test("a cancelled upload stops, and what comes after is ignored", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, true);
  uploads.cancel("upl_1");
  expect(last().aborted).toBe(true);
  await expect(done).rejects.toMatchObject({ code: "aborted" });
  last().onerror?.();
  last().upload.onload?.();
  expect(uploads.list).toEqual([]);
});

test("an answer that is no JSON is a failure, not a crash", async () => {
  const { uploads, last } = world();
  const done = uploads.add(files, true);
  last().answer(502, "<html>Bad gateway</html>");
  await expect(done).rejects.toMatchObject({ status: 502, code: "http_502" });
  const again = uploads.retry("upl_1");
  last().answer(201, "<html>A login page</html>");
  await expect(again).rejects.toMatchObject({ code: "unreachable" });
});

test("closing stops every upload", async () => {
  const { uploads, requests } = world();
  const done = Promise.allSettled([uploads.add(files, true), uploads.add(files, true)]);
  uploads.close();
  expect(requests.every((request) => request.aborted)).toBe(true);
  expect((await done).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
