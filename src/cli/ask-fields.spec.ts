import { AssessSeverity } from '../complaint/commands/assessment.js';
import { AcceptRemedy } from '../complaint/commands/remedies.js';
import { MakeDetermination, SendFinalResponse } from '../complaint/commands/resolution.js';
import { askForMissing, type Prompter } from './ask-fields.js';

const NOW = '2026-11-22T09:30:00+08:00';

/** Gives the answers in their order, and notes each question and each problem of an answer. */
class ScriptedPerson implements Prompter {
  readonly heard: string[] = [];
  private readonly answers: (string | boolean)[];

  constructor(...answers: readonly (string | boolean)[]) {
    this.answers = [...answers];
  }

  text(question: string, problemOf: (answer: string) => string | undefined, initial?: string): Promise<string> {
    this.heard.push(question);
    for (;;) {
      const typed = String(this.next());
      const answer = typed === '' && initial !== undefined ? initial : typed;
      const problem = problemOf(answer);
      if (problem === undefined) return Promise.resolve(answer);
      this.heard.push(`! ${problem}`);
    }
  }

  choose(question: string, codes: readonly string[]): Promise<string> {
    this.heard.push(`${question} [${codes.join('|')}]`);
    return Promise.resolve(String(this.next()));
  }

  confirm(question: string, initial: boolean): Promise<boolean> {
    this.heard.push(`${question} (${initial ? 'Y/n' : 'y/N'})`);
    return Promise.resolve(this.next() === true);
  }

  get isDone(): boolean {
    return this.answers.length === 0;
  }

  private next(): string | boolean {
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error(`no answer to ${this.heard.at(-1) ?? ''}`);
    return answer;
  }
}

test('asks for each missing field, codes as a choice, and again after an answer that is not valid', async () => {
  const person = new ScriptedPerson('accept', 'a1,a 2', 'a1, a2', '', 'We are sorry.');
  const body = await askForMissing(SendFinalResponse, { channel: 'email' }, person, NOW);
  expect(body).toEqual({ channel: 'email', kind: 'accept', addressees: ['a1', 'a2'], text: 'We are sorry.' });
  expect(person.heard).toEqual([
    'kind [accept|accept_in_part|offer_without_acceptance|reject|answer]',
    'addressees: Ids of all parties that may be told; empty if nobody may be told. `unidentified`: a person who is told in person; list of 0 to 50: id, separated by commas',
    '! addressees[1] must be 1 to 128 characters, each a letter, a digit or one of . _ : @ / -',
    'text: Text of the response; text of up to 50000 characters',
    '! text must have a visible character',
  ]);
  expect(person.isDone).toBe(true);
});

test('proposes the present time for a time, and asks inside a missing object', async () => {
  const person = new ScriptedPerson('a1', 'phone', '2026-11-22', '');
  const body = await askForMissing(AcceptRemedy, { remedyId: 'r1' }, person, NOW);
  expect(body).toEqual({ remedyId: 'r1', statedBy: { party: 'a1', medium: 'phone', at: NOW } });
  expect(person.heard).toContain('! statedBy.at must have an offset from UTC, such as Z or +08:00');
});

test('asks for further items of a list that was missing, until there are none', async () => {
  const person = new ScriptedPerson(
    'p1',
    'upheld',
    'It was cold.',
    true,
    'p2',
    'not_upheld',
    'It was not late.',
    false,
  );
  const body = await askForMissing(MakeDetermination, {}, person, NOW);
  expect(body).toEqual({
    points: [
      { id: 'p1', outcome: 'upheld', reasons: 'It was cold.' },
      { id: 'p2', outcome: 'not_upheld', reasons: 'It was not late.' },
    ],
  });
  expect(person.heard.filter((question) => question.startsWith('another'))).toEqual([
    'another item of points? (y/N)',
    'another item of points? (y/N)',
  ]);
});

test('asks for no further items of a list that was given', async () => {
  const person = new ScriptedPerson('It was cold.');
  const given = { points: [{ id: 'p1', outcome: 'upheld' }] };
  expect(await askForMissing(MakeDetermination, given, person, NOW)).toEqual({
    points: [{ id: 'p1', outcome: 'upheld', reasons: 'It was cold.' }],
  });
});

test('asks for nothing if nothing is missing', async () => {
  const given = { severity: 'minor' };
  expect(await askForMissing(AssessSeverity, given, new ScriptedPerson(), NOW)).toEqual(given);
});
