import { Command } from 'commander';
import { Code, Flag, Text, Whole, Zone } from '../platform/fields.js';
import { addFieldOptions, queryOf } from './field-options.js';

class Search {
  @Text({ max: 9, description: 'Words to find' })
  readonly findWords!: string;
  @Code(['up', 'down'], { optional: true })
  readonly way?: string;
  @Whole({ min: 1, max: 9, optional: true })
  readonly limit?: number;
  @Flag({ optional: true })
  readonly open?: boolean;
  @Zone({ optional: true, description: 'Zone of the days' })
  readonly zone?: string;
  @Text({ max: 9, optional: true })
  readonly minPosition?: string;
}

const command = () => addFieldOptions(new Command('search').exitOverride(), Search).option('--json');
const read = (...args: string[]) => queryOf(Search, command().parse(args, { from: 'user' }).opts());

describe('command-line options for the fields of a query', () => {
  test('have the name, the description and the codes of their field', () => {
    const help = command().helpInformation();
    expect(help).toMatch(/--find-words <string> +Words to find/);
    expect(help).toMatch(/--way <string> +one of up, down/);
    expect(help).toMatch(/--open <true\|false>/);
    expect(help).toMatch(/--zone <string> +Zone of the days$/m); // and not its hundreds of names
    expect(help).not.toContain('position');
  });

  test('are converted to the query; options of other names are ignored', () => {
    expect(read('--find-words', '12', '--limit', '3', '--open', 'false', '--json')).toEqual({
      findWords: '12',
      limit: 3,
      open: false,
    });
  });

  test('are all named in the error if they are missing or invalid', () => {
    expect(() => read('--way', 'left', '--limit', '0')).toThrow(
      '--find-words is missing\n--way must be one of up, down\n--limit must be between 1 and 9',
    );
  });
});
