import type { FastifyInstance, FastifyRequest } from 'fastify';

import { Problem } from './problem.js';

/** The registered routes, so that a wrong method on an existing path gets 405 with the allowed methods. */
export class KnownRoutes {
  private readonly routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** Call it before the routes are registered. */
  watch(server: FastifyInstance): this {
    server.addHook('onRoute', ({ url, method }) => {
      let route = this.routes.get(url);
      if (route === undefined) this.routes.set(url, (route = { pattern: patternOf(url), methods: new Set() }));
      for (const name of [method].flat()) route.methods.add(name);
    });
    return this;
  }

  /** Why a request has no route: 405 when its path exists for other methods, otherwise 404. */
  missing(request: FastifyRequest): Problem {
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

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(SPECIAL, '\\$&')))
      .join('/')}$`,
  );

const SPECIAL = /[.*+?^${}()|[\]\\]/g;
