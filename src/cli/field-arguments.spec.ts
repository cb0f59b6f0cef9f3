import { LodgeComplaint } from '../complaint/commands/intake.js';
import { AssessSeverity } from '../complaint/commands/assessment.js';
import { ProposeRemedy } from '../complaint/commands/remedies.js';
import { MakeDetermination, SendFinalResponse } from '../complaint/commands/resolution.js';
import type { ConcreteClass } from '../platform/fields.js';
import { bodyOf } from './field-arguments.js';
import { UserError } from './invocation.js';

const files: Readonly<Record<string, string>> = {
  'letter.txt': 'Dear Ms Lee,\nwe are sorry.\n',
  'a1.json': '["a1"]\n',
};
const read = (target: ConcreteClass, ...args: string[]) =>
  bodyOf(target, args, {
    file: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(new Error(`no file ${path}`)) : Promise.resolve(text);
    },
    standardInput: () => Promise.resolve('typed\r\n'),
  });

describe('arguments become the body of a command', () => {
  test('by paths of names and numbers, in any order, with brackets or dots', async () => {
    const body = await read(
      LodgeComplaint,
      'channel=phone',
      'points[1].subject.product=Room 801',
      'points[0].issue=Charged twice',
      'points.1.issue=Noise',
      'parties[0].contacts[0].channel=email',
      'parties[0].contacts[0].address=ann@example.org',
    );
    expect(body).toEqual({
      channel: 'phone',
      points: [{ issue: 'Charged twice' }, { issue: 'Noise', subject: { product: 'Room 801' } }],
      parties: [{ contacts: [{ channel: 'email', address: 'ann@example.org' }] }],
    });
  });

  test('with numbers and booleans where the field has this type, and as text otherwise', async () => {
    const body = await read(
      ProposeRemedy,
      'needsAcceptance=true',
      'measures[0].amount.amount=1250',
      'measures[0].action=1250',
    );
    expect(body).toEqual({ needsAcceptance: true, measures: [{ amount: { amount: 1250 }, action: '1250' }] });
    // text that is no number or boolean is left to the validation
    expect(await read(AssessSeverity, 'safetyCritical=yes')).toEqual({ safetyCritical: 'yes' });
    expect(await read(ProposeRemedy, 'measures[0].amount.amount=12.50')).toEqual({
      measures: [{ amount: { amount: '12.50' } }],
    });
  });

  test('with one item of a list of texts for each argument of its name', async () => {
    expect(await read(SendFinalResponse, 'addressees=a1')).toEqual({ addressees: ['a1'] });
    expect(await read(SendFinalResponse, 'addressees=a1', 'addressees=a2')).toEqual({ addressees: ['a1', 'a2'] });
    expect(await read(SendFinalResponse, 'addressees[1]=a2', 'addressees[0]=a1')).toEqual({ addressees: ['a1', 'a2'] });
  });

  test('with the text after the first equals sign unchanged', async () => {
    expect(await read(SendFinalResponse, 'text= a=b:=c @d - ')).toEqual({ text: ' a=b:=c @d - ' });
    expect(await read(SendFinalResponse, 'text=')).toEqual({ text: '' });
    expect(await read(SendFinalResponse, 'text=one\ntwo')).toEqual({ text: 'one\ntwo' });
  });

  test('with the text of a file or of standard input, without its last line end', async () => {
    expect(await read(SendFinalResponse, 'text=@letter.txt', 'recourse=-')).toEqual({
      text: 'Dear Ms Lee,\nwe are sorry.',
      recourse: 'typed',
    });
  });

  test('with values in JSON', async () => {
    expect(await read(SendFinalResponse, 'addressees:=[]', 'text:="@home"')).toEqual({ addressees: [], text: '@home' });
    expect(await read(SendFinalResponse, 'addressees:=@a1.json')).toEqual({ addressees: ['a1'] });
    expect(await read(MakeDetermination, 'points:=[{"id":"p1"}]')).toEqual({ points: [{ id: 'p1' }] });
  });

  test('with unknown names kept, so that validation names them', async () => {
    const body = await read(SendFinalResponse, 'txt=a', '__proto__.x=1', 'text.x=2', 'other[0]=3');
    expect(Object.keys(body)).toEqual(['txt', '__proto__', 'text', 'other']);
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
  });
});

describe('arguments are refused', () => {
  test.each([
    ['without an equals sign', ['channel'], '"channel" is not a field; write field=value'],
    ['without a path', ['=x'], '"" is not a path; write it like points[0].issue'],
    ['with a path of another form', ['points[a].id=x'], '"points[a].id" is not a path; write it like points[0].issue'],
    ['if one is given twice', ['text=a', 'text=b'], 'text is given twice; give it once'],
    [
      'if a list is given as JSON and by items',
      ['addressees:=["a1"]', 'addressees=a2'],
      'addressees is given twice; give it once',
    ],
    ['if a value gets fields', ['text=a', 'text.b=c'], 'text has a value, so text.b cannot be added to it'],
    ['if fields get a value', ['text.b=c', 'text=a'], 'text is given twice; give it once'],
    ['if standard input is read twice', ['text=-', 'recourse=-'], /^recourse: standard input can be read for one/],
    ['if the JSON is not JSON', ['addressees:=a1'], 'addressees is not JSON; for text, write addressees=…'],
    [
      'if an object of the JSON has a member twice',
      ['addressees:=[{"a":1,"a":2}]'],
      'addressees: 0/a is given more than once in the same object; send it once',
    ],
    ['if the file cannot be read', ['text=@no'], 'text: no file no; for text that begins with @, write text:=\'"@…"\''],
  ])('%s', async (_title, args, message) => {
    const error: unknown = await read(SendFinalResponse, ...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
  });

  test('if an item of a list is missing, or a list has no number', async () => {
    await expect(read(MakeDetermination, 'points[1].id=p2')).rejects.toThrow(
      'points[0] is missing; the items of a list are numbered from 0',
    );
    await expect(read(MakeDetermination, 'points.id=p1')).rejects.toThrow('points is a list; write points[0].id');
    await expect(read(MakeDetermination, 'points[0].findings.text=x')).rejects.toThrow(
      'points[0].findings is a list; write points[0].findings[0].text',
    );
  });
});
