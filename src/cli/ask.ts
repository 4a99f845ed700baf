import { GrpcClient } from "../wire/grpc-client.ts";
import type { Streamed, Unary } from "../wire/index.ts";
import { keyHeaders } from "./api-key.ts";

const deadlineMs = 10_000;

/** One question to one node. */
export async function ask<Req, Res>(
  address: string,
  method: Unary<Req, Res>,
  request: Partial<Req>,
  signal: AbortSignal,
): Promise<Res> {
  const client = new GrpcClient(address);
  try {
    return await client.call(method, request, { signal, deadlineMs, ...keyHeaders() });
  } finally {
    client.close();
  }
}

/** All answers of a streamed question. */
export async function askAll<Req, Res>(
  address: string,
  method: Streamed<Req, Res>,
  request: { readonly [K in keyof Req]?: Req[K] | null },
  signal: AbortSignal,
): Promise<Res[]> {
  const client = new GrpcClient(address);
  try {
    return await Array.fromAsync(client.stream(method, request, { signal, deadlineMs, ...keyHeaders() }));
  } finally {
    client.close();
  }
}
