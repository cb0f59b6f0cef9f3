import type { FastifyInstance, FastifyRequest } from 'fastify';

import { Problem } from './problem.js';

/** Stores the registered routes, to answer a request with a wrong method with 405 and the allowed methods. */
export class KnownRoutes {
  private readonly routes = new Map<string, Route>();

  /** Collects the routes that are registered after this call. */
  watch(server: FastifyInstance): this {
    server.addHook('onRoute', ({ url, method }) => {
      let route = this.routes.get(url);
      if (route === undefined) this.routes.set(url, (route = routeOf(url)));
      for (const name of [method].flat()) route.methods.add(name);
    });
    return this;
  }

  /** The problem of a request without a route: 405 if its path exists for other methods, otherwise 404. */
  problemFor(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? '';
    const matching = [...this.routes.values()].filter(({ pattern }) => pattern.test(path));
    const fewest = Math.min(...matching.map(({ parameters }) => parameters));
    // a route without a parameter is meant before one with: `/complaints/search` before `/complaints/:id`
    const meant = matching.filter(({ parameters }) => parameters === fewest);
    const allowed = new Set(meant.flatMap(({ methods }) => [...methods]));
    if (allowed.size === 0 || allowed.has(request.method))
      return new Problem(404, 'route_unknown', 'no route has this path');
    const allow = [...allowed].sort().join(', ');
    return new Problem(405, 'method_not_allowed', `this path allows ${allow}`, { headers: { allow } });
  }
}

interface Route {
  readonly pattern: RegExp;
  /** Number of segments that are not fixed. */
  readonly parameters: number;
  readonly methods: Set<string>;
}

const routeOf = (url: string): Route => ({
  pattern: patternOf(url),
  parameters: url.split('/').filter((part) => part.startsWith(':') || part === '*').length,
  methods: new Set(),
});

/** A pattern for the paths of a route: `:name` matches one segment, `*` everything. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map((part) =>
        part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(REGEXP_SPECIAL_CHARACTERS, '\\$&'),
      )
      .join('/')}$`,
  );

const REGEXP_SPECIAL_CHARACTERS = /[.*+?^${}()|[\]\\]/g;
