import type { FastifyReply, FastifyRequest } from "fastify";

/** Answers a request with an error in the shape of a facade's own world. */
export type ErrorShape = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Who answers for errors that are noticed before any facade's route is found, by the path's beginning. */
export class ErrorShapes {
  readonly #shapes = new Map<string, ErrorShape>();
  readonly #otherwise: ErrorShape;

  constructor(otherwise: ErrorShape) {
    this.#otherwise = otherwise;
  }

  /** @param prefix such as `/api/v2` */
  set(prefix: string, shape: ErrorShape): void {
    this.#shapes.set(prefix, shape);
  }

  readonly answer: ErrorShape = (error, request, reply) => {
    const path = request.url;
    for (const [prefix, shape] of this.#shapes) {
      const next = path.charAt(prefix.length);
      if (path.startsWith(prefix) && (next === "" || next === "/" || next === "?"))
        return shape(error, request, reply);
    }
    this.#otherwise(error, request, reply);
  };
}
