import type { DynamicModule, Type } from '@nestjs/common';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule, type Foundations } from './app.module.js';

const NO_FOUNDATIONS = {} as Foundations; // enough here: no module is started

function controllersOf(role: 'all' | 'projections'): unknown[] {
  const modules = (AppModule.forRole(role, NO_FOUNDATIONS).imports ?? []) as (DynamicModule | Type)[];
  return modules.flatMap((module) =>
    'module' in module ? [] : ((Reflect.getMetadata('controllers', module) as unknown[] | undefined) ?? []),
  );
}

test('the module of the role `all` includes every controller of src/api', async () => {
  const folder = join(__dirname, '../api');
  const exportedControllers: Type[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.controller.ts'))) {
    const exported = (await import(join(folder, file))) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported))
      if (/^[A-Z].*Controller$/.test(name)) exportedControllers.push(value as Type);
  }
  expect(exportedControllers.length).toBeGreaterThan(5);
  const included = controllersOf('all') as Type[];
  // a controller whose routes are made from a table is included as a subclass
  const missing = exportedControllers.filter(
    (exported) => !included.some((one) => one === exported || one.prototype instanceof exported),
  );
  expect(missing).toEqual([]);
});

test('the module of the role `projections` includes no controller of commands or queries', () => {
  expect(controllersOf('projections').map((controller) => (controller as Type).name)).toEqual([
    'HealthController',
    'MetricsController',
    'ProofController',
    'ProjectionsController',
    'JobsController',
  ]);
});
