import assert from "node:assert/strict";
import { utf8 } from "../../src/base/index.ts";
import { TestDevnet } from "../support/devnet.ts";
import { LiveClient, type LiveMessage } from "../support/live-door.ts";

describe("live topics of a devnet", function () {
  this.timeout(300_000);
  let net: TestDevnet;

  before(async () => {
    net = await TestDevnet.start({ withChain: false });
  });
  after(() => net?.stop());

  const url = () => `ws://${net.net.planned("gateway-1").wsAddress}`;
  const isOver = (requestId: string) => (told: readonly LiveMessage[]) =>
    told.some(({ message }) => message?.["request_id"] === requestId && message["status"] === "completed");

  it("tells a wallet its tasks from the first state to the output, and goes on where it was after the gateway was killed", async () => {
    const headers = await net.headers("Subscribe", utf8("/"));
    const client = await LiveClient.open(`${url()}/`, { headers });
    // A signature counts once.
    await assert.rejects(LiveClient.open(`${url()}/`, { headers }), /401/);
    const mine = { action: "subscribe", topic: "task", options: { wallet: net.client } };
    assert.equal((await client.ask(mine)).ack, "subscribe");
    await net.submit("watched");
    await client.until(isOver("watched"));
    const shown = client.told.flatMap(({ message }) => (message === undefined ? [] : [message]));
    assert.equal(shown[0]?.["status"], "queued");
    assert.match(String(shown.find(({ status }) => status === "completed")?.["output_data"]), /\S/);

    await net.submit("killed");
    const { seq: cursor = 0 } = await client.until((told) =>
      told.find(({ message }) => message?.["request_id"] === "killed"),
    );
    await net.kill("gateway-1");
    assert.equal((await client.closed).code, 1006);
    await net.bringBack("gateway-1");

    // Whoever knows a task by its client and id may see it, as over gRPC.
    const again = await LiveClient.open(`${url()}/ws`);
    const ids = { request_ids: [`${net.client}/watched`, `${net.client}/killed`] };
    assert.equal((await again.ask({ ...mine, options: ids, cursor })).cursor, cursor);
    await again.until(isOver("killed"));
    const whole = await LiveClient.open(url());
    whole.send({ ...mine, options: ids, cursor: 0 });
    const last = again.told.at(-1)?.seq ?? 0;
    await whole.until((told) => told.some(({ seq }) => seq === last));
    const seqs = (client: LiveClient, upTo: number) =>
      client.told.flatMap(({ topic, seq = 0 }) => (topic === "task" && seq <= upTo ? [seq] : []));
    assert.deepEqual([...seqs(client, cursor), ...seqs(again, last)], seqs(whole, last));
    const stranger = await LiveClient.open(url());
    assert.equal((await stranger.ask(mine)).error?.code, "UNAUTHENTICATED");
    assert.equal(
      (await stranger.ask({ ...mine, options: { request_ids: ["nothing"] } })).error?.code,
      "TASK_NOT_FOUND",
    );
    for (const one of [again, whole, stranger]) one.ws.terminate();
  });

  it("tells nodes, validators, and rounds without a word of what was asked", async () => {
    const client = await LiveClient.open(url());
    for (const topic of ["node", "validator", "validation", "subnet"])
      assert.equal((await client.ask({ action: "subscribe", topic, cursor: 0 })).ack, "subscribe", topic);
    assert.equal((await client.ask({ action: "subscribe", topic: "article" })).error?.code, "NOT_SERVED");
    const message = (topic: string, isSo: (message: Record<string, unknown>) => boolean) =>
      client.until((told) =>
        told.find((one) => one.topic === topic && one.message !== undefined && isSo(one.message)),
      );
    for (const name of ["gateway-1", "validator-1", "compute-1"])
      await message("node", (node) => node["node_id"] === name && node["status"] === "alive");
    await message(
      "validator",
      (one) => one["validator_address"] === net.walletOf("validator-1") && one["status"] === "active",
    );
    const { message: round } = await message("validation", ({ round }) => round === "completion");
    assert.match(String(round?.["subject"]), /^(0x)?[0-9a-f]{64}$/);
    const text = JSON.stringify(client.told.filter(({ topic }) => topic === "validation"));
    assert.ok(!text.includes("watched") && !text.includes("The network"), text);
    client.ws.terminate();
  });
});
