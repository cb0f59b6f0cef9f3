import { Command } from 'commander';
import { Temporal } from 'temporal-polyfill';
import { systemClock } from '../platform/clock.js';
import type { Language } from '../platform/language.js';
import { complaintText } from './complaint-text.js';
import { readComplaint } from './complaint-view.js';
import { configurationOf, print, printJson } from './invocation.js';
import { languageOption } from './language.js';

interface Options {
  readonly as: string;
  readonly language: Language;
  readonly json?: true;
}

export const showCommand = (): Command =>
  new Command('show')
    .description('print a complaint: who, what, where it stands, what is owed, and the commands that are allowed now')
    .argument('<complaint>', 'reference or id')
    .option('--as <credential>', 'list the commands for this credential: its name or role in keys.json', 'handler')
    .addOption(languageOption())
    .option('--json', 'print all fields, as JSON')
    .action(async (complaint: string, { json, ...options }: Options, command: Command) => {
      const now = systemClock.now();
      const view = await readComplaint(configurationOf(command), complaint, { ...options, now });
      if (json === true) {
        const { file, owed, actor, commands, allowed } = view;
        printJson({ ...file, owed, actor, commands, next: allowed.next.map(({ path }) => path) });
      } else print(complaintText(view, { language: options.language, now, zone: Temporal.Now.timeZoneId() }));
    });
