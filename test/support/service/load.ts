import { v4 as uuid } from 'uuid';
import type { Chance } from './chance.js';
import { eventually } from '../eventually.js';
import { lodging, note, USUAL_WAY, type Step } from './counter-work.js';
import type { Ledger, CommandRequest } from './ledger.js';
import { send, type Address } from './sender.js';

/** A complaint that senders know of, and how far along its way each step was asked for. */
interface Known {
  readonly id: string;
  asked: number;
}

/** Senders at work side by side: they lodge, go on with what they and the others lodged, and repeat themselves. */
export class Load {
  private readonly known: Known[] = [];
  private working = Promise.resolve<unknown>(undefined);
  private going = false;
  private active = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly chance: Chance,
  ) {}

  /** Starts so many senders; each has one command under way. */
  begin(address: Address, senders: number): void {
    this.going = true;
    this.working = Promise.all(Array.from({ length: senders }, () => this.work(address)));
  }

  /**
   * Waits until so many more commands are recorded, however long the machine takes for them. Ends early when every
   * sender was left without an answer.
   */
  async records(commands: number): Promise<void> {
    const wanted = this.ledger.recorded.size + commands;
    await eventually(() => this.ledger.recorded.size >= wanted || this.active === 0);
  }

  /** Lets every sender finish, with or without an answer. */
  async end(): Promise<void> {
    this.going = false;
    await this.working;
  }

  /** Repeats every request with an unknown outcome, as senders do after a failure. */
  async settle(address: Address, timeoutMs = 120_000): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (this.ledger.open.size > 0 && performance.now() < until)
      await Promise.all([...this.ledger.open].map((request) => this.ask(address, request)));
  }

  /** Sends everything again that was recorded, and expects the same answers. */
  async repeat(address: Address, share = 100): Promise<void> {
    const all = [...this.ledger.recorded.keys()].filter(() => this.chance.percent(share));
    while (all.length > 0) await Promise.all(all.splice(0, 16).map((request) => this.ask(address, request)));
  }

  private async work(address: Address): Promise<void> {
    this.active += 1;
    while (this.going) {
      const request = this.next();
      if (!(await this.ask(address, request))) break; // a sender without an answer tries later
    }
    this.active -= 1;
  }

  /** False if the outcome is unknown. */
  private async ask(address: Address, request: CommandRequest): Promise<boolean> {
    this.ledger.sent(request);
    const answer = await send(address, request);
    const first = !this.ledger.recorded.has(request);
    this.ledger.answered(request, answer);
    if (first && answer.kind === 'recorded' && request.path === LODGE)
      this.known.push({ id: answer.reply.id, asked: 0 });
    return answer.kind !== 'unknown';
  }

  private next(): CommandRequest {
    const { chance } = this;
    if (this.known.length === 0 || chance.percent(25))
      return { key: uuid(), by: 'intake_officer', path: LODGE, body: lodging(chance, 40) };
    if (this.ledger.recorded.size > 0 && chance.percent(10)) return chance.oneOf([...this.ledger.recorded.keys()]);
    // the first ones are where many meet
    const complaint = chance.percent(30)
      ? this.known[chance.between(0, Math.min(2, this.known.length - 1))]
      : chance.oneOf(this.known);
    if (complaint === undefined) throw new Error('no complaint to go on with');
    const following = USUAL_WAY[complaint.asked];
    const { by, command, body }: Step = following === undefined || chance.percent(30) ? note(uuid()) : following;
    if (command !== 'add-note') complaint.asked += 1;
    return { key: uuid(), by, path: `${LODGE}/${complaint.id}/${command}`, body };
  }
}

const LODGE = '/v1/complaints';
