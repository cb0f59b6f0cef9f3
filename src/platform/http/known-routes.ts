import type { FastifyInstance, FastifyRequest } from 'fastify';

import { Problem } from './problem.js';

/** Stores the registered routes, to answer a request with a wrong method with 405 and the allowed methods. */
export class KnownRoutes {
  private readonly routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** Collects the routes that are registered after this call. */
  watch(server: FastifyInstance): this {
    server.addHook('onRoute', ({ url, method }) => {
      let route = this.routes.get(url);
      if (route === undefined) this.routes.set(url, (route = { pattern: patternOf(url), methods: new Set() }));
      for (const name of [method].flat()) route.methods.add(name);
    });
    return this;
  }

  /** The problem of a request without a route: 405 if its path exists for other methods, otherwise 404. */
  problemFor(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set<string>();
    for (const { pattern, methods } of this.routes.values())
      if (pattern.test(path)) for (const method of methods) allowed.add(method);
    if (allowed.size === 0 || allowed.has(request.method))
      return new Problem(404, 'route_unknown', 'no route has this path');
    const allow = [...allowed].sort().join(', ');
    return new Problem(405, 'method_not_allowed', `this path allows ${allow}`, { headers: { allow } });
  }
}

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
