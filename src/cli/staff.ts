import { Command } from 'commander';
import { readStoredReference } from '../app/reference.js';
import { systemClock } from '../platform/clock.js';
import { tableOf } from '../platform/text-table.js';
import type { ReferenceFold } from '../reference/reference-fold.js';
import { isAbsent, type Person } from '../staff/person.js';
import type { Unit } from '../unit/org-unit.js';
import { configurationOf, print, printJson, UserError } from './invocation.js';
import { addSending } from './send-reference.js';

interface Options {
  readonly json?: true;
}

const known = (command: Command): Promise<ReferenceFold> => readStoredReference(configurationOf(command), systemClock);

export function staffCommand(): Command {
  const group = new Command('staff').description('record, list and retire the people who act');
  const firstArgument = ([id = '']: readonly string[]): string => id;
  addSending(
    group.command('add').description('record a person, or what has changed about the person').argument('<id>'),
    { collection: 'staff', path: 'record' },
    firstArgument,
  );
  addSending(
    group.command('retire').description('record that a person has left the staff').argument('<id>'),
    { collection: 'staff', path: 'retire' },
    firstArgument,
  );
  group
    .command('list')
    .description('list the people')
    .option('--json', 'print as JSON')
    .action(async ({ json }: Options, command: Command) => {
      const people = (await known(command)).people();
      if (json === true) printJson(people);
      else print(staffTable(people, systemClock.now()));
    });
  group
    .command('show')
    .description('print a person as JSON')
    .argument('<id>')
    .action(async (id: string, _options: Options, command: Command) => {
      const person = (await known(command)).current().staff.person(id);
      if (person === undefined) throw new UserError(`there is no person ${id}; redress staff add ${id} records one`);
      printJson(person);
    });
  return group;
}

export const staffTable = (people: readonly Person[], now: string): string =>
  tableOf(
    ['id', 'name', 'roles', 'units', 'skills', 'source', 'now'],
    people.map((person) => [
      person.id,
      person.name ?? null,
      person.roles.join(', '),
      person.units.join(', '),
      person.skills.join(', '),
      person.source,
      person.retiredAt === undefined ? (isAbsent(person, now) ? 'absent' : 'active') : 'retired',
    ]),
  );

export function unitCommand(): Command {
  const group = new Command('unit').description('record, list and retire units of the organisation');
  const firstArgument = ([id = '']: readonly string[]): string => id;
  addSending(
    group.command('add').description('record a unit, or what has changed about it').argument('<id>'),
    { collection: 'units', path: 'record' },
    firstArgument,
  );
  addSending(
    group.command('retire').description('record that a unit was dissolved').argument('<id>'),
    { collection: 'units', path: 'retire' },
    firstArgument,
  );
  group
    .command('list')
    .description('list the units')
    .option('--json', 'print as JSON')
    .action(async ({ json }: Options, command: Command) => {
      const units = (await known(command)).units();
      if (json === true) printJson(units);
      else print(unitTable(units));
    });
  group
    .command('show')
    .description('print a unit as JSON')
    .argument('<id>')
    .action(async (id: string, _options: Options, command: Command) => {
      const unit = (await known(command)).current().units.unit(id);
      if (unit === undefined) throw new UserError(`there is no unit ${id}; redress unit add ${id} records one`);
      printJson(unit);
    });
  return group;
}

export const unitTable = (units: readonly Unit[]): string =>
  tableOf(
    ['id', 'name', 'parent', 'calendar', 'now'],
    units.map(({ id, name, parent, calendar, retiredAt }) => [
      id,
      name ?? null,
      parent ?? null,
      calendar ?? null,
      retiredAt === undefined ? 'active' : 'dissolved',
    ]),
  );
