import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Clock, CountersignError, type Logger, messageOf, shown } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";
import type { Store } from "../../storage/store.ts";
import { type Front, isUnexpected } from "../front/index.ts";
import {
  type ErrorShape,
  fromFramework,
  type HttpMount,
  type Method,
  maxBodyBytes,
  refuseOtherMethods,
} from "../http/index.ts";
import { operationsByName } from "../messages/index.ts";
import { type Answer, jsonType } from "./answers.ts";
import { answerCall, operationOf, type TaskSource } from "./call.ts";
import { deprecationHeaders } from "./deprecation.ts";
import { addDocuments } from "./documents.ts";
import { errorAnswer } from "./error-answer.ts";
import { eventStreamType } from "./event-stream.ts";
import { FirstAnswers } from "./idempotency.ts";
import { requireAccepted } from "./media.ts";
import { apiRoot, methodsByPath, type Route, restRoutes } from "./routes.ts";

export interface RestOptions {
  readonly front: Front;
  /** Everything that this node can be asked, by name. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly clock: Clock;
  readonly store: Store;
  /** Undefined on a node that is no gateway. */
  readonly tasks: TaskSource | undefined;
  /** Of the software, for the OpenAPI document. */
  readonly version: string;
  readonly logger: Logger;
  /** The usual table, but for tests of what the table can say. */
  readonly routes?: readonly Route[];
}

/** What is no operation. */
const plainPaths = ["/health", "/openapi.json", "/docs"];

/** REST at `/api/v1`: every route of the table, and an answer in its form for what is in no facade's table. */
export function restFacade(options: RestOptions): HttpMount {
  const { routes = restRoutes, logger } = options;
  return (app, shapes) => {
    const refuse: ErrorShape = (thrown, _request, reply) => {
      const error = fromFramework(thrown, maxBodyBytes);
      if (isUnexpected(error)) logger.error({ error: messageOf(error) }, "a REST call failed unexpectedly");
      send(reply, errorAnswer(error));
    };
    shapes.set(apiRoot, refuse);
    app.setErrorHandler(refuse);
    app.setNotFoundHandler((request, reply) => send(reply, errorAnswer(noSuchPath(request))));
    addDocuments(app, { routes, version: options.version, operations: options.operations });
    const firstAnswers = new FirstAnswers(options.store, options.clock);
    for (const route of routes) addRoute(app, route, { ...options, firstAnswers });
    for (const [path, methods] of methodsByPath(routes)) {
      const heads = routes.some((route) => route.path === path && hasHead(route));
      const allowed: Method[] = heads ? [...methods, "HEAD"] : methods;
      refuseOtherMethods(app, fastifyPath(path), allowed, path);
    }
    for (const path of plainPaths) refuseOtherMethods(app, path, ["GET", "HEAD"]);
  };
}

function addRoute(
  app: FastifyInstance,
  route: Route,
  options: RestOptions & { firstAnswers: FirstAnswers },
): void {
  const messages = operationsByName.get(route.operation);
  if (messages === undefined) throw new Error(`there is no operation ${route.operation}`);
  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    exposeHeadRoute: hasHead(route),
    handler: async (request, reply) => {
      reply.headers(deprecationHeaders(route.deprecation));
      requireAccepted(request.headers.accept, answeredType(route));
      const operation = operationOf(route.operation, options.operations);
      return send(reply, await answerCall({ ...options, route, messages, operation, request, reply }));
    },
  });
}

function noSuchPath(request: FastifyRequest): CountersignError {
  const path = request.url.split("?")[0];
  return new CountersignError("NOT_FOUND", `path: there is nothing at ${request.method} ${shown(path)}`, {
    field: "path",
    fix: "Use a path and method of GET /openapi.json.",
  });
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Of a stream that ends when its task does there is no head to be had. */
const hasHead = ({ method, answer }: Route): boolean => method === "GET" && answer !== "events";

const answeredType = ({ answer }: Route): string =>
  answer === "events" ? eventStreamType : (jsonType.split(";")[0] ?? "");

const fastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");
