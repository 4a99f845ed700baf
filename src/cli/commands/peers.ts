import { Command, Option } from "commander";
import { type countersign, nodeService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { moment, short } from "../format.ts";
import { jsonOption, withSignal } from "../options.ts";
import { coloured, printJson, printTable } from "../output.ts";

type Peer = countersign.v1.PeerStatus;

export function peersCommand(): Command {
  return new Command("peers")
    .description("show a node's peers: how well each is connected, and why others are not")
    .addOption(
      new Option("--node <host:port>", "either gRPC address of the node (example: --node 127.0.0.1:50050)")
        .env("COUNTERSIGN_NODE_ADDRESS")
        .default("127.0.0.1:50051"),
    )
    .option("--all", "peers too that are refused, of another network or not reached")
    .addOption(jsonOption())
    .action((options: { node: string; all?: boolean; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const peers = await askAll(
          options.node,
          nodeService.ListPeers,
          { all: options.all === true },
          signal,
        );
        if (options.json === true) return printJson(peers);
        printTable(
          [
            "PEER",
            "NODE",
            "STATE",
            "ADDRESS",
            "DIRECTION",
            "SINCE",
            "LATENCY",
            "CLOCK",
            "VERSION",
            "TOPICS",
            "STREAMS",
            "SCORE",
            "PENALTY",
            "REASON",
          ],
          peers.map(rowOf),
        );
      }),
    );
}

function rowOf(peer: Peer): string[] {
  return [
    peer.peer_id,
    short(peer.node_id),
    peer.state === "connected" ? peer.state : coloured("red", peer.state),
    peer.address,
    peer.direction,
    moment(peer.since_ms),
    peer.latency_ms == null ? "–" : `${peer.latency_ms.toFixed(1)} ms`,
    peer.clock_offset_ms == null ? "–" : `${Math.round(peer.clock_offset_ms)} ms`,
    peer.software_version,
    peer.topics.join(","),
    String(peer.streams),
    peer.gossip_score.toFixed(1),
    peer.penalty.toFixed(0),
    [
      peer.reason,
      peer.failed_dials > 0 ? `${peer.failed_dials} failed dials` : "",
      peer.until_ms > 0 ? `until ${moment(peer.until_ms)}` : "",
    ]
      .filter((text) => text !== "")
      .join("; "),
  ];
}
