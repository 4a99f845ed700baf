import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Clock, CountersignError, type Logger, messageOf, nowSec, shown } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";
import type { ModelInfo } from "../../wire/index.ts";
import { type Front, isUnexpected } from "../front/index.ts";
import { bodyOf, type HttpMount, hangUpSignal, incomingOf, refuseOtherMethods } from "../http/index.ts";
import { chatCompletion, embeddingList, textCompletion } from "./answer.ts";
import { chatChunks, completionChunks } from "./chunks.ts";
import { openAiError } from "./errors.ts";
import { outputOf, streamedAnswer } from "./events.ts";
import { callOperation, type InferenceUpdate, inferenceOperations } from "./inference.ts";
import { modelObject } from "./models.ts";
import { textAnswer, vectorsOf } from "./output.ts";
import { chatCall, completionCall, embeddingsCall, type InferenceCall } from "./request.ts";

export interface OpenAiOptions {
  readonly front: Front;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A consumer that takes nothing for so long is gone, or never was one. */
const stuckConsumerMs = 120_000;

/** OpenAI's API at `/v1`, of a gateway; nothing at other nodes. */
export function openAiRoutes(options: OpenAiOptions): HttpMount {
  const inference = inferenceOperations(options.operations);
  const models = options.operations.get("GetSupportedModels");
  if (inference === undefined || models === undefined) return () => {};
  return async (app) =>
    await app.register(
      async (scope) => {
        answerErrors(scope, options.logger);
        modelRoutes(scope, options, models);
        textRoute(scope, "/chat/completions", options, {
          operation: callOperation(inference, chatCall),
          whole: chatCompletion,
          chunks: chatChunks,
        });
        textRoute(scope, "/completions", options, {
          operation: callOperation(inference, completionCall),
          whole: textCompletion,
          chunks: completionChunks,
        });
        for (const path of ["/chat/completions", "/completions", "/embeddings"])
          refuseOtherMethods(scope, path, ["POST"], `/v1${path}`);
        for (const path of ["/models", "/models/*"])
          refuseOtherMethods(scope, path, ["GET", "HEAD"], `/v1${path.replace("*", "{id}")}`);
        embeddingsRoute(scope, options, callOperation(inference, embeddingsCall));
      },
      { prefix: "/v1" },
    );
}

interface TextCall {
  readonly operation: Operation;
  readonly whole: typeof chatCompletion;
  readonly chunks: typeof chatChunks;
}

function textRoute(
  scope: FastifyInstance,
  path: string,
  options: OpenAiOptions,
  { operation, whole, chunks }: TextCall,
): void {
  const { clock } = options;
  scope.post(path, async (request, reply) => {
    const { call, requestId, updates } = await begin(options, operation, request, reply);
    const head = { requestId, model: call.model, createdSec: nowSec(clock) };
    if (!call.isStreamed) return whole(head, textAnswer(await outputOf(updates)));
    const events = await streamedAnswer(updates, chunks(head, call.includesUsage), clock);
    reply.raw.setTimeout(stuckConsumerMs, () => reply.raw.destroy());
    reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no");
    return reply.send(Readable.from(events, { objectMode: false }));
  });
}

function embeddingsRoute(scope: FastifyInstance, options: OpenAiOptions, operation: Operation): void {
  scope.post("/embeddings", async (request, reply) => {
    const { call, updates } = await begin<ReturnType<typeof embeddingsCall>>(
      options,
      operation,
      request,
      reply,
    );
    return embeddingList(call.model, vectorsOf(await outputOf(updates), call.count), call.encoding);
  });
}

/** Submits the task; the answer's headers then name it and its receipt. */
async function begin<Call extends InferenceCall>(
  { front }: OpenAiOptions,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ call: Call; requestId: string; updates: AsyncGenerator<InferenceUpdate<Call>> }> {
  const incoming = incomingOf("openai", request, reply);
  const updates = (await front.stream(
    operation,
    incoming,
    bodyOf(request),
    hangUpSignal(reply),
  )) as AsyncGenerator<InferenceUpdate<Call>>;
  const { value: first } = await updates.next();
  if (first === undefined || first.response !== undefined)
    throw new CountersignError("UNAVAILABLE", "the task was not taken in");
  const { call, requestId } = first;
  nameTask(reply, requestId);
  return { call, requestId, updates };
}

function nameTask(reply: FastifyReply, requestId: string): void {
  reply.headers({
    "x-request-id": requestId,
    "x-countersign-request-id": requestId,
    link: `</api/v1/inference/${encodeURIComponent(requestId)}/receipt>; rel="describedby"; type="application/json"`,
  });
}

function modelRoutes(scope: FastifyInstance, { front }: OpenAiOptions, operation: Operation): void {
  const listed = async (request: FastifyRequest, reply: FastifyReply) => {
    const incoming = incomingOf("openai", request, reply);
    const models: ModelInfo.$Properties[] = [];
    for await (const info of await front.stream(operation, incoming, {}, hangUpSignal(reply)))
      models.push(info as ModelInfo.$Properties);
    return models;
  };
  scope.get("/models", async (request, reply) => ({
    object: "list",
    data: (await listed(request, reply)).map(modelObject),
  }));
  // An id may have slashes in it.
  scope.get<{ Params: { "*": string } }>("/models/*", async (request, reply) => {
    const id = request.params["*"];
    const info = (await listed(request, reply)).find((one) => one.model_uuid === id);
    if (info === undefined)
      throw new CountersignError(
        "MODEL_NOT_FOUND",
        `model: ${shown(id)} is served by no node within reach of this gateway`,
        { field: "model" },
      );
    return modelObject(info);
  });
}

function answerErrors(scope: FastifyInstance, logger: Logger): void {
  scope.setErrorHandler((error, _request, reply) => {
    const known = ofServer(error);
    if (isUnexpected(known))
      logger.error({ error: messageOf(error) }, "an OpenAI-style call failed unexpectedly");
    const requestId = known instanceof CountersignError ? known.data["request_id"] : undefined;
    if (typeof requestId === "string") nameTask(reply, requestId);
    const { status, body, isWorthRetrying } = openAiError(known);
    if (status >= 400) reply.header("x-should-retry", String(isWorthRetrying));
    reply.code(status).type("application/json; charset=utf-8").send(body);
  });
  scope.setNotFoundHandler((request) => {
    throw new CountersignError("NOT_FOUND", `there is no ${request.method} ${shown(request.url)} here`, {
      fix: "There are /v1/models, /v1/chat/completions, /v1/completions and /v1/embeddings.",
    });
  });
}

/** What the HTTP server itself refused, before any route saw it. */
function ofServer(error: unknown): unknown {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (error instanceof CountersignError || typeof statusCode !== "number" || statusCode >= 500) return error;
  return new CountersignError(statusCode === 413 ? "TOO_LARGE" : "INVALID_ARGUMENT", String(message));
}
