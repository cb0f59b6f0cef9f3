import { commandOf, nameOf, OP_MSG, opcodeOf } from './wire.js';

/** Collects the names of the commands in the bytes that one client sends to MongoDB. */
export class CommandNames {
  private rest = Buffer.alloc(0);

  constructor(private readonly onCommand: (name: string) => void) {}

  add(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= 4 && this.rest.length >= this.rest.readInt32LE(0)) {
      const message = this.rest.subarray(0, this.rest.readInt32LE(0));
      if (opcodeOf(message) === OP_MSG) this.onCommand(nameOf(commandOf(message)));
      this.rest = this.rest.subarray(message.length);
    }
  }
}
