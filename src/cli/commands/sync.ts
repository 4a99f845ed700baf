import { Command, Option } from "commander";
import { sleep, systemClock } from "../../base/index.ts";
import { type countersign, nodeService } from "../../wire/index.ts";
import { ask } from "../ask.ts";
import { moment, short } from "../format.ts";
import { jsonOption, wholeNumber, withSignal } from "../options.ts";
import { coloured, exitCodes, print, printJson, printTable } from "../output.ts";

interface Options {
  readonly node: string;
  readonly peers: number;
  readonly watch?: boolean;
  readonly interval: number;
  readonly json?: boolean;
}

type Status = countersign.v1.SyncStatus;

export function syncCommand(): Command {
  return new Command("sync")
    .description("compare a node's records with its peers'; exits 0 only when every digest is equal")
    .addOption(
      new Option("--node <host:port>", "either gRPC address of the node (example: --node 127.0.0.1:50050)")
        .env("COUNTERSIGN_NODE_ADDRESS")
        .default("127.0.0.1:50051"),
    )
    .addOption(
      new Option("--peers <n>", "compare with so many peers (example: --peers 5)")
        .default(3)
        .argParser((text) => wholeNumber("--peers", text, 1, 16)),
    )
    .option("--watch", "compare again and again until Ctrl-C; one line each time")
    .addOption(
      new Option("--interval <seconds>", "pause between two looks with --watch (example: --interval 10)")
        .default(5)
        .argParser((text) => wholeNumber("--interval", text, 1, 3_600)),
    )
    .addOption(jsonOption())
    .action((options: Options) =>
      withSignal(options.json === true, async (signal) => {
        const look = () => ask(options.node, nodeService.GetSyncStatus, { peers: options.peers }, signal);
        for (;;) {
          const status = await look();
          process.exitCode = status.in_sync ? exitCodes.ok : exitCodes.failed;
          if (options.json === true) printJson(plain(status));
          else if (options.watch === true) print(`${moment(status.as_of_ms)}  ${summary(status)}`);
          else printStatus(status);
          if (options.watch !== true) return;
          await sleep(systemClock, options.interval * 1000, signal).catch(() => {});
          // Ctrl-C is how watching ends: the exit code says what was seen last.
          if (signal.aborted) return;
        }
      }),
    );
}

/** With what a message leaves out: zero, false, nothing. */
function plain(status: Status): object {
  return {
    in_sync: status.in_sync,
    as_of_ms: status.as_of_ms,
    connected_peers: status.connected_peers,
    seconds_behind: status.seconds_behind,
    kinds: status.kinds.map(({ kind = "", records = 0, deletions = 0, digest, in_sync = false }) => ({
      kind,
      records,
      deletions,
      digest,
      in_sync,
    })),
    peers: status.peers.map(({ peer_id = "", in_sync = false, problem = "", differences }) => ({
      peer_id,
      in_sync,
      problem,
      differences: (differences ?? []).map(({ kind = "", missing = 0, extra = 0, seconds_behind = 0 }) => ({
        kind,
        missing,
        extra,
        seconds_behind,
      })),
    })),
  };
}

function printStatus(status: Status): void {
  const rows = status.kinds.map((kind) => {
    const name = kind.kind ?? "";
    const digest = Buffer.from(kind.digest ?? []).toString("hex");
    const counts = [kind.records ?? 0, kind.deletions ?? 0].map(String);
    return [name, ...counts, digest, kind.in_sync === true ? "yes" : differencesOf(status, name)];
  });
  printTable(["KIND", "RECORDS", "DELETIONS", "DIGEST", "IN SYNC"], rows);
  print("");
  printTable(
    ["PEER", "IN SYNC"],
    status.peers.map((peer) => [
      peer.peer_id ?? "",
      peer.in_sync === true
        ? "yes"
        : peer.problem
          ? `not compared: ${short(peer.problem, 80)}`
          : `no: ${(peer.differences ?? []).map((one) => `${one.kind} ${counted(one)}`).join(", ")}`,
    ]),
  );
  print("");
  print(summary(status));
}

/** The largest difference to any peer. */
function differencesOf(status: Status, kind: string): string {
  const all = status.peers.flatMap((peer) => (peer.differences ?? []).filter((one) => one.kind === kind));
  const size = (one: countersign.v1.KindDifference.$Properties) => (one.missing ?? 0) + (one.extra ?? 0);
  const [largest] = all.toSorted((a, b) => size(b) - size(a));
  return largest === undefined ? "unknown" : `no: ${counted(largest)}`;
}

function counted({ missing, extra, seconds_behind }: countersign.v1.KindDifference.$Properties): string {
  const behind = missing ? `, ${seconds_behind} s behind` : "";
  return `${missing ?? 0} missing, ${extra ?? 0} more than the peer${behind}`;
}

function summary(status: Status): string {
  const compared = status.peers.filter((peer) => !peer.problem).length;
  if (status.in_sync) {
    return coloured(
      "green",
      `in sync: all digests equal those of ${compared} of ${status.connected_peers} peers`,
    );
  }
  if (compared === 0) {
    const why = status.connected_peers === 0 ? "no peer is connected" : "no peer answered";
    return coloured("red", `NOT KNOWN to be in sync: ${why}`);
  }
  const differing = status.peers.filter((peer) => (peer.differences ?? []).length > 0).length;
  const behind = status.seconds_behind > 0 ? `, ${status.seconds_behind} s behind` : "";
  return coloured("red", `NOT in sync with ${differing} of ${compared} peers${behind}`);
}
