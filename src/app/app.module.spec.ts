import type { DynamicModule, Type } from '@nestjs/common';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule, type Foundations } from './app.module.js';

const NO_FOUNDATIONS = {} as Foundations; // the modules are not started

function controllersOf(role: 'all' | 'projections'): unknown[] {
  const modules = (AppModule.on(role, NO_FOUNDATIONS).imports ?? []) as (DynamicModule | Type)[];
  return modules.flatMap((module) =>
    'module' in module ? [] : ((Reflect.getMetadata('controllers', module) as unknown[] | undefined) ?? []),
  );
}

test('every controller of src/api is in a module', async () => {
  const folder = join(__dirname, '../api');
  const found: unknown[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.controller.ts'))) {
    const exported = (await import(join(folder, file))) as Readonly<Record<string, unknown>>;
    found.push(...Object.keys(exported).flatMap((name) => (name.endsWith('Controller') ? [exported[name]] : [])));
  }
  expect(found.length).toBeGreaterThan(5);
  expect(controllersOf('all')).toEqual(expect.arrayContaining(found));
});

test('a process that runs projections has no controller of commands or queries', () => {
  expect(controllersOf('projections').map((controller) => (controller as Type).name)).toEqual([
    'HealthController',
    'MetricsController',
    'ProjectionsController',
    'JobsController',
  ]);
});
