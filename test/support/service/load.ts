import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import type { Chance } from './chance.js';
import { eventually } from '../eventually.js';
import { ADD_NOTE, lodging, note, TYPICAL_STEPS, type Step } from './counter-work.js';
import type { Ledger, CommandRequest } from './ledger.js';
import { send, type Address } from './sender.js';

/** A complaint that was lodged, and how many of its typical steps were sent. */
interface LodgedComplaint {
  readonly id: string;
  stepsSent: number;
}

/** Number of cases in the CRM that lodgings name as their source. */
const CRM_CASES = 40;

/**
 * Concurrent senders. Each lodges complaints, sends further commands on complaints that any sender has lodged, and
 * sometimes repeats a recorded request.
 */
export class Load {
  private readonly lodged: LodgedComplaint[] = [];
  private senders = Promise.resolve<unknown>(undefined);
  private isRunning = false;
  private activeSenders = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly chance: Chance,
  ) {}

  /** Starts this number of senders. Each sends one request at a time, and stops when an outcome is unknown. */
  begin(address: Address, { senders }: { readonly senders: number }): void {
    this.startSenders(senders, (request) => this.submit(address, request));
  }

  /**
   * Starts this number of senders. Each repeats a request with an unknown outcome, at any of the addresses, until the
   * outcome is known. A request that is never refused also gets a random timeout, so that it is sometimes repeated while it
   * is still processed.
   */
  beginWithRetries(addresses: readonly Address[], { senders }: { readonly senders: number }): void {
    this.startSenders(senders, async (request) => {
      const isNeverRefused = request.path === COMPLAINTS_PATH || request.path.endsWith(`/${ADD_NOTE}`);
      for (;;) {
        const signal = isNeverRefused ? AbortSignal.timeout(this.chance.between(20, 2000)) : undefined;
        if (await this.submit(this.chance.oneOf(addresses), request, signal)) return true;
        if (!this.isRunning) return false;
        await pause(RETRY_DELAY_MS);
      }
    });
  }

  /** Waits until this number of further commands is recorded, or every sender has stopped. */
  async untilRecorded(commands: number): Promise<void> {
    const target = this.ledger.recorded.size + commands;
    await eventually(() => this.ledger.recorded.size >= target || this.activeSenders === 0);
  }

  /** Stops the senders, and waits until each has the outcome of its last request or knows that there is none. */
  async end(): Promise<void> {
    this.isRunning = false;
    await this.senders;
  }

  /** Repeats every request with an unknown outcome until the outcome is known, at most until the timeout. */
  async repeatUntilKnown(address: Address, timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.ledger.open.size > 0 && performance.now() < deadline)
      await Promise.all([...this.ledger.open].map((request) => this.submit(address, request)));
  }

  /**
   * Repeats this percentage of the recorded requests, chosen at random. The ledger notes every reply that differs from
   * the first reply.
   */
  async repeat(address: Address, { percent } = { percent: 100 }): Promise<void> {
    const requests = [...this.ledger.recorded.keys()].filter(() => this.chance.percent(percent));
    while (requests.length > 0)
      await Promise.all(requests.splice(0, 16).map((request) => this.submit(address, request)));
  }

  private startSenders(senders: number, submit: (request: CommandRequest) => Promise<boolean>): void {
    this.isRunning = true;
    this.senders = Promise.all(Array.from({ length: senders }, () => this.runSender(submit)));
  }

  /** @param submit returns false if the outcome is unknown: then the sender stops, and the request stays open in the ledger */
  private async runSender(submit: (request: CommandRequest) => Promise<boolean>): Promise<void> {
    this.activeSenders += 1;
    while (this.isRunning && (await submit(this.nextRequest())));
    this.activeSenders -= 1;
  }

  /** Sends a request and enters its outcome in the ledger. Returns false if the outcome is unknown. */
  private async submit(address: Address, request: CommandRequest, signal?: AbortSignal): Promise<boolean> {
    this.ledger.addSent(request);
    const answer = await send(address, request, signal);
    const isFirstReply = !this.ledger.recorded.has(request);
    this.ledger.addOutcome(request, answer);
    if (isFirstReply && answer.kind === 'recorded' && request.path === COMPLAINTS_PATH)
      this.lodged.push({ id: answer.reply.id, stepsSent: 0 });
    return answer.kind !== 'unknown';
  }

  private nextRequest(): CommandRequest {
    const { chance } = this;
    if (this.lodged.length === 0 || chance.percent(25))
      return { key: uuid(), by: 'intake_officer', path: COMPLAINTS_PATH, body: lodging(chance, CRM_CASES) };
    if (this.ledger.recorded.size > 0 && chance.percent(10)) return chance.oneOf([...this.ledger.recorded.keys()]);
    // 30 percent of the commands go to the first three complaints, so that senders compete
    const complaint = chance.percent(30)
      ? this.lodged[chance.between(0, Math.min(2, this.lodged.length - 1))]
      : chance.oneOf(this.lodged);
    if (complaint === undefined) throw new Error('there is no complaint');
    const nextStep = TYPICAL_STEPS[complaint.stepsSent];
    const { by, command, body }: Step = nextStep === undefined || chance.percent(30) ? note(uuid()) : nextStep;
    if (command !== ADD_NOTE) complaint.stepsSent += 1;
    return { key: uuid(), by, path: `${COMPLAINTS_PATH}/${complaint.id}/${command}`, body };
  }
}

const RETRY_DELAY_MS = 20;
const COMPLAINTS_PATH = '/v1/complaints';
