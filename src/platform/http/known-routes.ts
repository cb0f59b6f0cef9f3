import type { FastifyInstance, FastifyRequest } from 'fastify';

import { Problem } from './problem.js';

/** The addresses that exist, so that the wrong method at a right address is 405 and says which would do. */
export class KnownRoutes {
  private readonly routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** Call before the routes are added. */
  watch(server: FastifyInstance): this {
    server.addHook('onRoute', ({ url, method }) => {
      let route = this.routes.get(url);
      if (route === undefined) this.routes.set(url, (route = { pattern: patternOf(url), methods: new Set() }));
      for (const name of [method].flat()) route.methods.add(name);
    });
    return this;
  }

  /** Why a request has no route: 405 where its address exists for other methods, else 404. */
  missing(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set<string>();
    for (const { pattern, methods } of this.routes.values())
      if (pattern.test(path)) for (const method of methods) allowed.add(method);
    if (allowed.size === 0 || allowed.has(request.method))
      return new Problem(404, 'route_unknown', 'there is nothing at this address');
    const allow = [...allowed].sort().join(', ');
    return new Problem(405, 'method_not_allowed', `this address takes ${allow}`, { headers: { allow } });
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
